import Logging
import Synchronization

/// A worker's log, as all of its loops have it.
struct WorkerLog: Sendable {
    let logger: Logger
    let style: LineStyle
    let identityKey: IdentityKey
    /// `nil` where every request may leave a line.
    let budget: RequestBudget?
    let repetitions: RepetitionLog
    let floods: FloodWatch

    /// Lines of requests in a second under systemd's journal, which by itself takes 10,000 lines of a unit in 30 seconds and
    /// throws the rest away, whatever they say (`RateLimitBurst=` of journald.conf(5)).
    static let usualRateOfJournal = 300

    /// The log on standard error.
    init(_ configuration: Configuration) {
        let style = LineStyle(format: configuration.logFormat, isJournal: JournalStream.isStandardError)
        LogOutput.tellLosses { LineLogHandler.line(about: $0, $1, style) }
        var logger = Logger(label: "dashboard-state") { _ in LineLogHandler(style) }
        logger.logLevel = configuration.logLevel
        let rate = configuration.logRate ?? (style.isJournal ? Self.usualRateOfJournal : 0)
        self.init(logger, style, configuration.logIDKey.map(IdentityKey.init(secret:)) ?? IdentityKey(), rate: rate)
    }

    /// - Parameter rate: lines of requests in a second; 0 for any number.
    init(_ logger: Logger, _ style: LineStyle, _ identityKey: IdentityKey, rate: Int = 0) {
        self.logger = logger
        self.style = style
        self.identityKey = identityKey
        budget = rate > 0 ? RequestBudget(rate) : nil
        repetitions = RepetitionLog(logger)
        floods = FloodWatch(logger)
    }

    /// What lines other than those of requests say of an identity: the same.
    static func metadata(_ names: IdentityNames.Names) -> Logger.Metadata {
        typealias Names = IdentityNames.Names
        return ["user": "\(Names.hex(names.user))", "workspace": "\(Names.hex(names.workspace))"]
    }
}

/// Tells where one identity floods.
final class FloodWatch: Sendable {
    private let logger: Logger
    private let tally = Mutex(FloodTally())

    init(_ logger: Logger) { self.logger = logger }

    /// See ``FloodTally/add(_:weight:at:)``.
    func add(_ names: IdentityNames.Names, weight: Int, at now: UInt64) {
        guard let flood = tally.withLock({ $0.add(names, weight: weight, at: now) }) else { return }
        let metadata: Logger.Metadata = [
            "share": .stringConvertible(flood.share), "requests_per_second": .stringConvertible(flood.rate),
        ]
        logger.warning(
            "one identity takes more than half of all requests",
            metadata: metadata.merging(WorkerLog.metadata(flood.names)) { one, _ in one }
        )
    }
}
