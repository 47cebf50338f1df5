import EventLoop
import Logging
import RESP
import Synchronization

/// What is wrong with Redis at the moment, in sentences for operators: each is told when it begins, whichever loop meets it
/// first, and then at most once a minute, with how often it came. A line a request would bury it.
public final class RedisTroubles: Sendable {
    /// Something that was told.
    private struct Told {
        /// Monotonic nanoseconds until which it is not told again.
        var until: UInt64
        /// How often it has come since.
        var count = 0
    }

    /// How often what happened.
    public let counts = RedisCounts()
    private let logger: Logger
    private let onChange: @Sendable (_ status: String) -> Void
    /// The servers that were asked for their eviction policy; `nil` where none is to be.
    private let askedForEviction: Mutex<Set<String>?>
    private let told = Mutex<[String: Told]>([:])
    /// A loss was told, or nothing yet: that there is a connection is worth a line.
    private let isConnectionNews = Atomic(true)
    /// When a write was last refused, or not acknowledged, in monotonic nanoseconds; 0 where that is over. Asked at every
    /// document that is stored.
    private let refusedWriteAt = Atomic<UInt64>(0)

    /// Nanoseconds for which a trouble that was told is only counted.
    private static let pause: UInt64 = 60_000_000_000
    /// Nanoseconds for which no write may have been refused before several servers count as taking writes again: while one
    /// of them refuses, others store.
    private static let pauseOfSeveral: UInt64 = 10_000_000_000

    /// Troubles that are told to a log.
    /// - Parameters:
    ///   - asksForEviction: whether servers are asked once whether they drop states to make room.
    ///   - onChange: told in a sentence how Redis does from now on, as often as it is logged.
    public init(
        _ logger: Logger,
        asksForEviction: Bool = false,
        onChange: @escaping @Sendable (_ status: String) -> Void = { _ in }
    ) {
        self.logger = logger
        askedForEviction = Mutex(asksForEviction ? [] : nil)
        self.onChange = onChange
    }

    /// Tells of something, unless it was told of late.
    /// - Parameters:
    ///   - level: how bad it is.
    ///   - sentence: what the line says.
    ///   - metadata: what more it says.
    ///   - what: tells it from other troubles; `sentence` where there is none.
    ///   - now: monotonic nanoseconds.
    /// - Returns: whether it was told.
    @discardableResult
    func tell(
        _ level: Logger.Level,
        _ sentence: String,
        _ metadata: Logger.Metadata = [:],
        as what: String? = nil,
        at now: UInt64 = Clock.monotonic()
    ) -> Bool {
        let what = what ?? sentence
        let count: Int? = told.withLock { told in
            let before = told[what]
            if let before, now < before.until {
                told[what]?.count += 1
                return nil
            }
            told[what] = Told(until: now + Self.pause)
            return before?.count ?? 0
        }
        guard let count else { return false }
        let more: Logger.Metadata = count > 0 ? ["more_since_told": .stringConvertible(count)] : [:]
        logger.log(level: level, "\(sentence)", metadata: metadata.merging(more) { one, _ in one })
        return true
    }

    /// A link cannot come by a connection.
    /// - Parameter node: what to call the server, where there are several; likewise in what follows.
    func cannotBeUsed(_ reason: RESPError, _ node: String? = nil) {
        let metadata = Self.metadata(reason, node)
        guard tell(.error, "Redis cannot be used", metadata, as: Self.link(node) + "\(reason)") else { return }
        isConnectionNews.store(true, ordering: .relaxed)
        onChange("Redis cannot be used: \(Self.place(node))\(reason)")
    }

    /// Whether a server is to be asked for its eviction policy, which counts as done then: whichever loop comes first asks.
    func isEvictionNews(_ node: String?) -> Bool {
        askedForEviction.withLock { $0?.insert(node ?? "").inserted ?? false }
    }

    /// A link has a connection, which is told where its lack was.
    func connected(_ node: String? = nil) {
        let link = Self.link(node)
        let wasTold = told.withLock { told in
            defer { told = told.filter { !$0.key.hasPrefix(link) } }
            return told.contains { $0.key.hasPrefix(link) }
        }
        // Of several, each that was away is worth a line.
        let isNews = isConnectionNews.exchange(false, ordering: .relaxed)
        let metadata: Logger.Metadata = node.map { ["node": "\($0)"] } ?? [:]
        guard isNews || node != nil && wasTold else { return }
        logger.notice("connected to Redis", metadata: metadata)
        onChange("connected to Redis\(node.map { " at \($0)" } ?? "")")
    }

    /// A connection that was of use is gone.
    func lost(_ reason: RESPError, _ node: String? = nil) {
        let what = "lost: \(node ?? "") \(reason)"
        guard tell(.warning, "connection to Redis lost", Self.metadata(reason, node), as: what) else { return }
        isConnectionNews.store(true, ordering: .relaxed)
        onChange("connection to Redis lost: \(Self.place(node))\(reason)")
    }

    private static func place(_ node: String?) -> String { node.map { "\($0): " } ?? "" }

    /// Files for TLS have changed, and a link cannot use them.
    func filesCannotBeUsed(_ reason: RESPError) {
        let sentence = "changed files for TLS cannot be used: what they held before is used on"
        tell(.error, sentence, ["reason": "\(reason)"], as: "files: \(reason)")
    }

    /// Redis answered a command with an error.
    /// - Parameter command: what was sent, in lower case; inside a script, another one may be to blame.
    func refused(_ error: ServerError, _ command: StaticString, at now: UInt64 = Clock.monotonic()) {
        counts.answered(error)
        let code = error.code?.rawValue ?? "unknown"
        let name = error.command ?? "\(command)"
        if let sentence = Self.sentence(error.code) {
            refusedWriteAt.store(now, ordering: .relaxed)
            tell(.error, sentence, ["code": "\(code)"], as: Self.writes + code, at: now)
            return
        }
        let hint =
            switch error.code {
            case .noScript: ": it does not know a script right after it was loaded, as behind some proxies"
            case .invalidLength: ": a state is longer than its proto-max-bulk-len"
            case .moved, .ask: ": it was sent from node to node, and none took it"
            case .clusterDown: ": the cluster serves not all slots, or not this one"
            case .noPermission: ": the ACL user needs it, or the keys that start with REDIS_KEY_PREFIX"
            default: ""
            }
        let metadata: Logger.Metadata = ["command": "\(name)", "code": "\(code)"]
        tell(.error, "Redis refused a command\(hint)", metadata, as: "\(name) \(code)")
    }

    /// Redis has carried writes out, and so many replicas have them in time, which are too few.
    func tooFewReplicas(_ count: Int, of wait: ReplicaWait, at now: UInt64 = Clock.monotonic()) {
        refusedWriteAt.store(now, ordering: .relaxed)
        tell(
            .error,
            "saved, but only \(count) of \(wait.replicas) replicas have it in time: such writes are answered outcome-unknown",
            [
                "replicas": .stringConvertible(count), "wanted": .stringConvertible(wait.replicas),
                "milliseconds": .stringConvertible(wait.milliseconds),
            ],
            as: Self.writes + "replicas",
            at: now
        )
    }

    /// Redis has stored a document, and replicas have it where they are waited for.
    /// - Parameter isOfSeveral: whether that was one of several servers, each of which stores some of the documents.
    func writeSucceeded(isOfSeveral: Bool) {
        let refusedAt = refusedWriteAt.load(ordering: .relaxed)
        guard refusedAt != 0 else { return }
        succeeded(isOfSeveral, refusedAt, Clock.monotonic())
    }

    private func succeeded(_ isOfSeveral: Bool, _ refusedAt: UInt64, _ now: UInt64) {
        if isOfSeveral, now - min(refusedAt, now) < Self.pauseOfSeveral { return }
        refusedWriteAt.store(0, ordering: .relaxed)
        let wasTold = told.withLock { told in
            defer { told = told.filter { !$0.key.hasPrefix(Self.writes) } }
            return told.contains { $0.key.hasPrefix(Self.writes) }
        }
        if wasTold { logger.notice("Redis takes writes again") }
    }

    private static let writes = "writes: "
    private static func link(_ node: String?) -> String { "link: \(node ?? "") " }

    private static func metadata(_ reason: RESPError, _ node: String?) -> Logger.Metadata {
        node.map { ["reason": "\(reason)", "node": "\($0)"] } ?? ["reason": "\(reason)"]
    }

    /// Why Redis takes no writes, for errors that say so.
    static func sentence(_ code: ServerError.Code?) -> String? {
        switch code {
        case .outOfMemory:
            "Redis is full and refuses writes: give it more maxmemory, or more room"
        case .misconf:
            "Redis refuses writes, since it cannot store its data: see its log, and whether its disk is full"
        case .noReplicas:
            "Redis refuses writes, since fewer replicas follow it than its min-replicas-to-write"
        case .readOnly:
            "the server at Redis's address has become a replica and refuses writes: waiting for a master there"
        default: nil
        }
    }
}
