import Logging
import RESP
import Synchronization

/// What is wrong with Redis at the moment, in sentences for operators: each is told once when it begins, whichever loop
/// meets it first, and its end once too. A line a request would bury it.
final class RedisTroubles: Sendable {
    private let logger: Logger
    private let told = Mutex<Set<String>>([])
    /// Writes are refused; asked at every write that is answered.
    private let refusesWrites = Atomic(false)

    init(_ logger: Logger) { self.logger = logger }

    /// A link cannot come by a connection.
    func cannotBeUsed(_ reason: RESPError) {
        tellOnce("\(reason)") { logger.error("Redis cannot be used", metadata: ["reason": "\(reason)"]) }
    }

    /// A link has a connection: whatever is wrong from now on is news.
    func connected() { told.withLock { $0 = $0.filter(Self.isOfWrites) } }

    /// Something that works, and that an operator wants to know of.
    func tell(_ warning: String) { tellOnce(warning) { logger.warning("\(warning)") } }

    /// Redis answered a command with an error.
    /// - Parameter command: what was sent, in lower case; inside a script, another one may be to blame.
    func refused(_ error: ServerError, _ command: StaticString) {
        let code = error.code?.rawValue ?? "unknown"
        let name = error.command ?? "\(command)"
        if let sentence = Self.sentence(error.code) {
            refusesWrites.store(true, ordering: .relaxed)
            return tellOnce(Self.writes + code) { logger.error("\(sentence)", metadata: ["code": "\(code)"]) }
        }
        let hint =
            switch error.code {
            case .invalidLength: ": a state is longer than its proto-max-bulk-len"
            case .noPermission: ": the ACL user needs it, or the keys that start with REDIS_KEY_PREFIX"
            default: ""
            }
        tellOnce("\(name) \(code)") {
            logger.error("Redis refused a command\(hint)", metadata: ["command": "\(name)", "code": "\(code)"])
        }
    }

    /// Redis has stored a document.
    func writeSucceeded() {
        guard refusesWrites.load(ordering: .relaxed) else { return }
        let wasTold = told.withLock { told in
            defer { told = told.filter { !Self.isOfWrites($0) } }
            return told.contains(where: Self.isOfWrites)
        }
        refusesWrites.store(false, ordering: .relaxed)
        if wasTold { logger.notice("Redis takes writes again") }
    }

    private func tellOnce(_ what: String, _ tell: () -> Void) {
        let isNew = told.withLock { $0.insert(what).inserted }
        if isNew { tell() }
    }

    private static let writes = "writes "

    private static func isOfWrites(_ told: String) -> Bool { told.hasPrefix(writes) }

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
