import DashboardState
import RESP
import Synchronization

/// What happened with Redis so far that is rare enough for all loops to count it in one place.
public final class RedisCounts: Sendable {
    /// A name of what is counted, and how often it came.
    public typealias Count = (name: String, count: UInt64)

    private struct Numbers {
        var losses = RedisCounts.zeros(reasons)
        var refusals = RedisCounts.zeros(reasons)
        var errors = RedisCounts.zeros(codes + reasons)
        var beside = RedisCounts.zeros(commands)
        var isOfUnknownRole = false
        var trouble: String?
    }

    private let numbers = Mutex(Numbers())
    private let linkCount = Atomic<Int>(0)
    private let linksUp = Atomic<Int>(0)
    private let connections = Atomic<Int>(0)

    /// Nothing yet.
    public init() {}

    /// How many links there are: one a loop, or one for each node of a cluster and loop.
    public var links: Int { linkCount.load(ordering: .relaxed) }
    /// How many of them are up.
    public var up: Int { max(0, linksUp.load(ordering: .relaxed)) }
    /// How many connections were made.
    public var connected: Int { connections.load(ordering: .relaxed) }
    /// Connections that were lost, by reason.
    public var losses: [Count] { numbers.withLock { Self.list($0.losses) } }
    /// Attempts to connect that failed otherwise than the one before, by reason.
    public var refusals: [Count] { numbers.withLock { Self.list($0.refusals) } }
    /// Commands that were answered with an error, by its code, or not at all, by the reason.
    public var errors: [Count] { numbers.withLock { Self.list($0.errors) } }
    /// Commands beside those that requests wait for.
    public var besides: [Count] { numbers.withLock { Self.list($0.beside) } }
    /// Whether a server that is in use does not say whether it is a master.
    public var isOfUnknownRole: Bool { numbers.withLock { $0.isOfUnknownRole } }
    /// What is wrong with the connections at the moment, in a sentence.
    public var trouble: String? { numbers.withLock { $0.trouble } }

    private static func zeros(_ names: [String]) -> [String: UInt64] {
        Dictionary(names.map { ($0, 0) }, uniquingKeysWith: { one, _ in one })
    }

    private static func list(_ counts: [String: UInt64]) -> [Count] {
        counts.map { (name: $0.key, count: $0.value) }.sorted { $0.name < $1.name }
    }

    // MARK: Counting

    /// A link, from its making to its end.
    final class Presence {
        private let counts: RedisCounts
        /// Whether it is up.
        var isUp = false {
            didSet {
                guard isUp != oldValue else { return }
                counts.linksUp.add(isUp ? 1 : -1, ordering: .relaxed)
            }
        }

        init(_ counts: RedisCounts) {
            self.counts = counts
            counts.linkCount.add(1, ordering: .relaxed)
        }

        deinit {
            if isUp { counts.linksUp.subtract(1, ordering: .relaxed) }
            counts.linkCount.subtract(1, ordering: .relaxed)
        }
    }

    func connected(as role: Role, isMain: Bool) {
        connections.add(1, ordering: .relaxed)
        guard isMain else { return }
        numbers.withLock {
            $0.isOfUnknownRole = role == .unknown
            $0.trouble = nil
        }
    }

    func lost(_ reason: RESPError, isMain: Bool) {
        numbers.withLock {
            $0.losses[Self.name(reason), default: 0] += 1
            if isMain { $0.trouble = "\(reason)" }
        }
    }

    func refused(_ reason: RESPError, isMain: Bool) {
        numbers.withLock {
            $0.refusals[Self.name(reason), default: 0] += 1
            if isMain { $0.trouble = "\(reason)" }
        }
    }

    func failed(_ reason: RESPError) { numbers.withLock { $0.errors[Self.name(reason), default: 0] += 1 } }

    func answered(_ error: ServerError) { numbers.withLock { $0.errors[Self.name(error.code), default: 0] += 1 } }

    /// - Parameter command: one of ``commands``.
    func sent(_ command: String) { numbers.withLock { $0.beside[command, default: 0] += 1 } }

    // MARK: Names

    /// Commands that no request waits for, and `script|load`, which comes in front of what one waits for.
    static let pttl = "pttl"
    static let expire = "expire"
    static let scriptLoad = "script|load"
    private static let commands = [pttl, expire, scriptLoad]

    private static let reasons = [
        "away", "cannot_connect", "cannot_resolve", "connection_lost", "other", "overloaded", "protocol_error",
        "refused",
        "replica", "silent", "timed_out", "tls", "unanswered",
    ]

    private static let codes = ServerError.Code.allCases.map { $0.rawValue.lowercased() }

    private static func name(_ code: ServerError.Code?) -> String { code?.rawValue.lowercased() ?? "other" }

    private static func name(_ reason: RESPError) -> String {
        switch reason {
        case .cannotConnect: "cannot_connect"
        case .cannotResolve: "cannot_resolve"
        case .refused: "refused"
        case .connectionLost: "connection_lost"
        case .timedOut: "timed_out"
        case .silent: "silent"
        case .unanswered: "unanswered"
        case .away: "away"
        case .overloaded: "overloaded"
        case .protocolError: "protocol_error"
        case .replica: "replica"
        case .tls: "tls"
        default: "other"
        }
    }
}
