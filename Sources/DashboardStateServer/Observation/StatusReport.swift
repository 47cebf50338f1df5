import Bytes
import EventLoop

/// The worker in a few lines, for people.
struct StatusReport {
    private let observation: WorkerObservation

    init(_ observation: WorkerObservation) { self.observation = observation }

    /// An object of lines.
    var json: [UInt8] {
        let total = CountsTotal(observation.all)
        let counts = observation.troubles.counts
        let use = ProcessUse()
        let milliseconds = Clock.unixMilliseconds() - observation.startedAt
        var body: [UInt8] = []
        var isFirst = true
        func member(_ name: StaticString, _ value: String) {
            body.append(isFirst ? "{\n  \"" : ",\n  \"")
            isFirst = false
            body.append(name)
            body.append("\": ")
            body.append(contentsOf: value.utf8)
        }
        func text(_ text: String) -> String {
            var quoted: [UInt8] = []
            quoted.append(quoted: text)
            return String(decoding: quoted, as: UTF8.self)
        }
        func object(_ counts: [(name: String, count: UInt64)]) -> String {
            "{" + counts.filter { $0.count > 0 }.map { "\(text($0.name)): \($0.count)" }.joined(separator: ", ") + "}"
        }
        member("version", text(Version.text))
        member("phase", text(observation.isDraining ? "draining" : observation.isWarm ? "serving" : "warming up"))
        member("uptime_seconds", "\(milliseconds / 1000)")
        member("loops", "\(observation.loopCount)")
        member("redis", text(observation.redis))
        member("redis_links_up", "\(counts.up)")
        if let trouble = counts.trouble { member("redis_trouble", text(trouble)) }
        member("redis_errors", object(counts.errors))
        member("connections_open", "\(observation.connections.open)")
        member("connections_busy", "\(total.open)")
        let outcomes = RequestOutcome.all.filter { $0.problem == nil || $0 == .unusable }
        member("requests", object(outcomes.map { ("\($0.label)", total.requests($0)) }))
        let problems = Problem.Kind.allCases.map { kind in
            ("\(kind.name ?? kind.status.reason)", total.requests(.problem(kind)))
        }
        member("problems", object(problems))
        member("busiest_identity_ratio", "\((total.busiestRatio * 1000).rounded() / 1000)")
        member("processor_seconds", "\((use.processorSeconds * 1000).rounded() / 1000)")
        member("resident_bytes", "\(use.residentBytes ?? 0)")
        member("log_lines_lost", "\(LogOutput.counts.lost)")
        body.append("\n}")
        return body
    }
}
