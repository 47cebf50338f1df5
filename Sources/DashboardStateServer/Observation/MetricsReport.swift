import EventLoop
import Metrics

/// A page of all metrics.
struct MetricsReport {
    private let observation: WorkerObservation
    private let total: CountsTotal

    init(_ observation: WorkerObservation) {
        self.observation = observation
        total = CountsTotal(observation.all)
    }

    func text(_ format: MetricsText.Format) -> [UInt8] {
        var page = MetricsText(format, prefix: "dashboard_state_")
        writeRequests(&page)
        writeStates(&page)
        writeRedis(&page)
        writeConnections(&page)
        writeSpans(&page)
        writeProcess(&page)
        page.end()
        return page.bytes
    }

    private static let routes = Route.labels.map { "\($0)" }

    /// Those that are told before they have come, so that the first one is seen to be one more.
    private static func isUsual(_ route: Int, _ method: Method) -> Bool {
        route == 0 && [.get, .post, .delete].contains(method)
    }

    private func writeRequests(_ page: inout MetricsText) {
        page.begin("requests", .counter, "Requests that were answered")
        for (route, name) in Self.routes.enumerated() {
            for method in Method.allCases { writeRequests(route, name, method, &page) }
        }
        page.begin("problems", .counter, "Requests that were answered with a problem, by its type")
        for kind in Problem.Kind.allCases {
            let unusable = kind == .nothingStored ? total.requests(.unusable) : 0
            page.sample(("reason", kind.label), value: total.requests(.problem(kind)) + unusable)
        }
        page.begin(
            "request_duration_seconds",
            .histogram,
            unit: "seconds",
            "Time from a request's arrival to its answer"
        )
        for (route, name) in Self.routes.enumerated() {
            for method in Method.allCases {
                let durations = total.durations(route, method)
                guard !durations.isEmpty || Self.isUsual(route, method) else { continue }
                page.histogram(
                    ("route", name),
                    ("method", "\(method.name)"),
                    buckets: LoopCounts.Scales.durations,
                    counts: durations.counts,
                    sum: durations.sum
                )
            }
        }
        page.begin("request_size_bytes", .histogram, unit: "bytes", "Bodies of requests that have one")
        write(total.requestSizes, LoopCounts.Scales.sizes, &page)
        page.begin("response_size_bytes", .histogram, unit: "bytes", "Bodies of answers")
        write(total.responseSizes, LoopCounts.Scales.sizes, &page)
        page.begin(
            "busiest_identity_ratio",
            .gauge,
            unit: "ratio",
            "Share of the busiest user in a workspace in the last minute's requests for states"
        )
        page.sample(value: total.busiestRatio)
    }

    /// Outcomes that have the same labels.
    private struct Alike {
        let label: String
        let status: Int
        var outcomes: [RequestOutcome]

        static let all: [Alike] = RequestOutcome.all.reduce(into: []) { all, outcome in
            let (label, status) = ("\(outcome.label)", outcome.status.rawValue)
            if let index = all.firstIndex(where: { $0.label == label && $0.status == status }) {
                all[index].outcomes.append(outcome)
            } else {
                all.append(Alike(label: label, status: status, outcomes: [outcome]))
            }
        }
    }

    private func writeRequests(_ route: Int, _ name: String, _ method: Method, _ page: inout MetricsText) {
        for alike in Alike.all {
            let count = alike.outcomes.reduce(0) { $0 + total.requests(route, method, $1) }
            guard count > 0 || alike.outcomes.contains(where: { Self.isTold($0, route, method) }) else { continue }
            // The one answer without content.
            let isEmpty = alike.outcomes == [.answered] && method == .options
            page.sample(
                ("route", name),
                ("method", "\(method.name)"),
                ("status", "\(isEmpty ? Status.noContent.rawValue : alike.status)"),
                ("outcome", alike.label),
                value: count
            )
        }
    }

    /// Whether an outcome is told before it has come: what is usual, and each failure, as Prometheus sees no increase in a
    /// series that begins with 1, and an alert would miss the first.
    private static func isTold(_ outcome: RequestOutcome, _ route: Int, _ method: Method) -> Bool {
        if outcome.status.rawValue >= 500 { return canFail(route, method, as: outcome.status) }
        guard isUsual(route, method) else { return false }
        return switch method {
        case .get: [.hit, .notModified, .problem(.nothingStored)].contains(outcome)
        case .post: [.saved, .replaced, .unchanged, .refused].contains(outcome)
        default: [.deleted, .nothingDeleted].contains(outcome)
        }
    }

    private static func canFail(_ route: Int, _ method: Method, as status: Status) -> Bool {
        switch route {
        case Route.state.index:
            method == .post || [.get, .head, .delete].contains(method) && status == .serviceUnavailable
        case Route.readiness.index: [.get, .head].contains(method) && status == .serviceUnavailable
        default: false
        }
    }

    private func writeStates(_ page: inout MetricsText) {
        page.begin("reads", .counter, "Reads of states, by what came of them")
        page.sample(("outcome", "hit"), value: total.requests(.hit))
        page.sample(("outcome", "miss"), value: total.requests(.problem(.nothingStored), [.get, .head]))
        page.sample(("outcome", "not_modified"), value: total.requests(.notModified))
        page.sample(("outcome", "unusable"), value: total.requests(.unusable))
        page.begin("saves", .counter, "Saves of states, by what came of them")
        for outcome in [RequestOutcome.saved, .replaced, .unchanged, .refused] {
            page.sample(("outcome", "\(outcome.label)"), value: total.requests(outcome))
        }
        let failed = total.requests(.problem(.preconditionFailed), [.post, .patch])
        page.sample(("outcome", "precondition_failed"), value: failed)
        page.begin(
            "document_age_seconds",
            .histogram,
            unit: "seconds",
            "Time since a state that is read was last modified, as its document says"
        )
        write(total.ages, LoopCounts.Scales.ages, &page)
        page.begin(
            "document_size_bytes",
            .histogram,
            unit: "bytes",
            "Documents that are read, and states that are saved"
        )
        write(total.documentSizes, LoopCounts.Scales.sizes, &page)
    }

    private func write(_ histogram: CountsTotal.Histogram, _ buckets: Buckets, _ page: inout MetricsText) {
        page.histogram(buckets: buckets, counts: histogram.counts, sum: histogram.sum)
    }

    private func writeRedis(_ page: inout MetricsText) {
        let counts = observation.troubles.counts
        page.begin(
            "redis_duration_seconds",
            .histogram,
            unit: "seconds",
            "Time that requests waited for Redis, by command"
        )
        for command in RequestFacts.Command.allCases {
            let durations = total.redisDurations(command)
            page.histogram(
                ("command", "\(command.name)"),
                buckets: LoopCounts.Scales.durations,
                counts: durations.counts,
                sum: durations.sum
            )
        }
        page.begin("redis_commands", .counter, "Commands to Redis: those that requests wait for, and those beside them")
        for command in RequestFacts.Command.allCases {
            let count = total.redisDurations(command).counts.reduce(0, +)
            page.sample(("command", "\(command.name)"), value: count)
        }
        for beside in counts.besides { page.sample(("command", beside.name), value: beside.count) }
        page.begin(
            "redis_errors",
            .counter,
            "Commands that Redis refused, by its code, or did not answer, by the reason"
        )
        for error in counts.errors { page.sample(("reason", error.name), value: error.count) }
        page.begin(
            "redis_links",
            .gauge,
            "Links to Redis that should be up: one a loop, and in a cluster one for each master"
        )
        page.sample(value: UInt64(counts.links))
        page.begin(
            "redis_links_up",
            .gauge,
            "Links to Redis that are up, each to a server that is a master or cannot say"
        )
        page.sample(value: UInt64(counts.up))
        page.begin(
            "redis_role_unknown",
            .gauge,
            "Whether the server at Redis's address does not say that it is a master"
        )
        page.sample(value: counts.isOfUnknownRole ? UInt64(1) : 0)
        page.begin("redis_connections", .counter, "Connections to Redis that were made, reconnects included")
        page.sample(value: UInt64(counts.connected))
        page.begin("redis_connections_lost", .counter, "Connections to Redis that were lost")
        for loss in counts.losses { page.sample(("reason", loss.name), value: loss.count) }
        page.begin(
            "redis_connections_failed",
            .counter,
            "Connections to Redis that failed otherwise than the one before"
        )
        for refusal in counts.refusals { page.sample(("reason", refusal.name), value: refusal.count) }
        page.begin(
            "redis_scripts_loaded",
            .gauge,
            "Whether each loop has found Redis up once, and had it load the scripts"
        )
        page.sample(value: observation.isWarm ? UInt64(1) : 0)
    }

    private func writeConnections(_ page: inout MetricsText) {
        let connections = observation.connections
        let open = UInt64(connections.open)
        let busy = min(total.open, open)
        page.begin("connections_busy", .gauge, "Connections of web servers whose request waits for its answer")
        page.sample(value: busy)
        page.begin(
            "connections_idle",
            .gauge,
            "Connections of web servers that wait for a request, or for the rest of one"
        )
        page.sample(value: open - busy)
        page.begin("connections_accepted", .counter, "Connections of web servers that were accepted")
        page.sample(value: UInt64(connections.accepted))
        page.begin("connections_refused", .counter, "Connections that were closed because what came was no FastCGI")
        page.sample(value: UInt64(connections.refused))
        page.begin(
            "accept_failures",
            .counter,
            "Times at which no connection could be accepted, for want of descriptors"
        )
        page.sample(value: UInt64(connections.failures))
        page.begin("draining", .gauge, "Whether the worker is stopping")
        page.sample(value: observation.isDraining ? UInt64(1) : 0)
    }

    private func writeSpans(_ page: inout MetricsText) {
        let spans = observation.spans
        page.begin(
            "spans",
            .counter,
            "Spans of traces: that the collector has, that it refused or did not take in time, and that found no room"
        )
        page.sample(("outcome", "sent"), value: spans.sent)
        page.sample(("outcome", "failed"), value: spans.failed)
        page.sample(("outcome", "dropped"), value: spans.dropped)
    }

    private func writeProcess(_ page: inout MetricsText) {
        let log = LogOutput.counts
        page.begin("log_lines", .counter, "Lines for the log, lost ones included")
        page.sample(value: UInt64(log.all))
        page.begin(
            "log_lines_lost",
            .counter,
            "Lines of the log that were one too many, or that standard error did not take"
        )
        page.sample(value: UInt64(log.lost))
        let use = ProcessUse()
        page.begin(
            "process_cpu_seconds",
            .counter,
            unit: "seconds",
            "Time of processors, in user mode and in the kernel"
        )
        page.sample(value: use.processorSeconds)
        if let bytes = use.residentBytes {
            page.begin("process_resident_memory_bytes", .gauge, unit: "bytes", "Memory that is in use")
            page.sample(value: bytes)
        }
        if let count = use.openDescriptors {
            page.begin("process_open_fds", .gauge, "Descriptors that are open")
            page.sample(value: count)
        }
        page.begin("process_max_fds", .gauge, "Descriptors that can be open")
        page.sample(value: use.mostDescriptors)
        page.begin("process_start_time_seconds", .gauge, unit: "seconds", "When the worker started, since 1970")
        page.sample(value: Double(observation.startedAt) / 1000)
        page.begin("loops", .gauge, "Event loops, each a thread")
        page.sample(value: UInt64(observation.loopCount))
        page.begin("build", .info, "Which version it is")
        page.sample(("version", Version.text), value: UInt64(1))
    }
}
