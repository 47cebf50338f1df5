import DashboardState
import EventLoop
import FastCGI
import Logging
import Tracing

/// What a loop's requests leave in the log: a line each, which is written with the next ``LogOutput/flush()``, and a sentence
/// where they are refused or one identity floods. Never a key or a state, and ids only where everything is logged.
final class RequestLog {
    /// Whether each request leaves a line, asked once rather than for each.
    let isEnabled: Bool
    private let log: WorkerLog
    /// Logs the line that was made, whatever it is told.
    private let logger: Logger
    private let loop: Loop?
    private let names: IdentityNames
    private let line = WholeLine()
    private let showsIDs: Bool
    // Unchecked: one loop's, and nothing calls back while one of these changes.
    @exclusivity(unchecked) private var lines: RequestLines
    /// Of requests with an identity some are looked at, to find floods: to look at each would take as long as counting them.
    @exclusivity(unchecked) private var samples: RequestSamples

    /// - Parameter loop: whose clock is looked at; that of the system where there is none.
    init(_ log: WorkerLog, _ loop: Loop? = nil) {
        self.log = log
        self.loop = loop
        isEnabled = log.logger.logLevel <= .info
        showsIDs = log.logger.logLevel <= .debug
        samples = RequestSamples(takesAny: log.logger.logLevel <= .warning)
        names = IdentityNames(log.identityKey)
        lines = RequestLines(log.style)
        var logger = log.logger
        logger[metadataKey: "request"] = .stringConvertible(line)
        self.logger = logger
    }

    /// What is noted of a request until it is answered. Times are monotonic nanoseconds.
    struct Record {
        fileprivate var askedAt: UInt64 = 0
        fileprivate var answeredAt: UInt64 = 0
        fileprivate var names: IdentityNames.Names?
        fileprivate var ids: RequestSummary.IDs?
        fileprivate let traceID: TraceID?
        /// The web server's id of the request, where it is no trace's: hex digits.
        let requestID: [UInt8]?

        init(_ traceID: TraceID?, requestID: [UInt8]?) { (self.traceID, self.requestID) = (traceID, requestID) }

        /// Microseconds that Redis took.
        fileprivate var redisDuration: UInt64? {
            guard askedAt != 0, answeredAt != 0 else { return nil }
            return (answeredAt &- min(askedAt, answeredAt)) / 1000
        }

        /// Redis is asked.
        mutating func asked() { if askedAt == 0 { askedAt = Clock.monotonic() } }

        /// Redis was not asked after all, if that was to be behind the batch that began at `now`.
        mutating func forgetUnsent(_ now: UInt64) { if askedAt >= now { askedAt = 0 } }
    }

    /// Redis has answered.
    func answered(_ record: inout Record) { record.answeredAt = loop?.now ?? Clock.monotonic() }

    /// Whose request it is.
    func note(_ identity: Identity, _ record: inout Record) {
        record.names = names(identity)
        if showsIDs { record.ids = RequestSummary.IDs(identity) }
    }

    /// A request of an identity has come.
    @inline(__always)
    func count(_ identity: Identity, at now: UInt64) {
        if samples.isDue() { look(at: identity, now) }
    }

    @inline(never)
    private func look(at identity: Identity, _ now: UInt64) {
        guard let weight = samples.take(at: now) else { return }
        log.floods.add(names(identity), weight: weight, at: now)
    }

    /// A request is answered with a problem.
    func refused(_ problem: Problem, _ record: Record?) {
        guard let sentence = problem.kind.sentence else { return }
        let field = problem.field
        var metadata: Logger.Metadata {
            var metadata: Logger.Metadata = ["problem": "\(problem.kind.label)"]
            if let field { metadata["field"] = "\(field)" }
            if let names = record?.names { metadata.merge(WorkerLog.metadata(names)) { one, _ in one } }
            return metadata
        }
        log.repetitions.tell(.warning, sentence, metadata, as: "\(problem.kind.rawValue) \(field ?? "")")
    }

    /// One line for a request that is answered.
    /// - Parameter field: what a problem is about.
    func request(_ record: Record, _ facts: RequestFacts, _ outcome: RequestOutcome, _ field: String?, bytesOut: Int) {
        let now = Clock.monotonic()
        if let budget = log.budget, !budget.admits(isTroubled: outcome.isTrouble, at: now) {
            return LogOutput.leaveOut()
        }
        let summary = RequestSummary(
            route: facts.route.map(\.index) ?? Route.labels.count - 1,
            method: facts.method,
            outcome: outcome,
            field: field,
            duration: (now &- min(facts.arrivedAt, now)) / 1000,
            redisDuration: record.redisDuration,
            bytesIn: facts.bytesIn,
            bytesOut: bytesOut,
            names: record.names,
            ids: record.ids,
            traceID: record.traceID,
            requestID: record.requestID
        )
        let milliseconds = log.style.isJournal ? 0 : Clock.unixMilliseconds()
        line.make { lines.write(summary, at: milliseconds, &$0) }
        logger.info("request")
    }
}
