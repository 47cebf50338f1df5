import DashboardState
import Logging
import StateStore
import SwiftSupport
import Synchronization

/// A store over a Redis whose replies are written down.
final class StoreUnderTest: ResultWords {
    let redis: ScriptedRedis
    let store: StateStore
    private let log = LogLines()

    init(_ answers: [ScriptedRedis.Answer] = [], prefix: String = "p:", renewsOnRead: Bool = true, waits: Bool = false)
    {
        redis = ScriptedRedis(answers)
        redis.waitsForReplicas = waits
        let logger = Logger(label: "test") { [log] _ in log }
        let settings = StoreSettings(keyPrefix: Array(prefix.utf8), secondsToLive: 1000, renewsOnRead: renewsOnRead)
        store = StateStore(settings, redis, RedisTroubles(logger)) { _ in Array("0123456789".utf8) }
    }

    /// What operators were told, a line each.
    var told: [String] { log.lines }

    /// Asks for something of a user's state.
    /// - Returns: the only result.
    func ask(_ ask: (StateStore, Identity) throws -> Void) throws -> String? {
        results = []
        try Array("u".utf8).withSpan { user in
            try Array("w".utf8).withSpan { workspace in
                try ask(store, try Identity(user: user, workspace: workspace))
            }
        }
        store.flush()
        return results.count == 1 ? results[0] : nil
    }

    func read(ifMatch: Precondition = .none, ifNoneMatch: Precondition = .none) throws -> String? {
        try ask { $0.read($1, ifMatch: ifMatch, ifNoneMatch: ifNoneMatch, for: self) }
    }

    /// Saves a state of so many bytes.
    func save(length: Int = 2, _ conditions: Conditions = Conditions()) throws -> String? {
        try Array((String(repeating: " ", count: length - 2) + "{}").utf8).withSpan { state in
            let document = NewDocument(version: 7, lastModified: nil, checksum: nil, ancestry: nil, state: state)
            return try ask { $0.save(document, of: $1, under: conditions, for: self) }
        }
    }

    func delete(_ conditions: Conditions = Conditions()) throws -> String? {
        try ask { $0.delete($1, under: conditions, for: self) }
    }

    func tryWrite() throws -> String? { try ask { store, _ in store.tryWrite(for: self) } }
}

/// Keeps what is logged.
final class LogLines: LogHandler, Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        kept.withLock { $0.append("\(event.level) \(event.message)\(metadata.joined())") }
    }
}
