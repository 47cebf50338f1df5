import DashboardState
import EventLoop
import Logging

@testable import RESP
@testable import StateStore

/// A store over the links to a cluster, on a loop of its own, and what comes of what it is asked.
///
/// A loop runs once, so a test says all that is to happen first, each thing with what it waits for.
final class ClusterUnderTest: ResultWords {
    let link: ClusterLink
    private let loop: Loop
    private let store: StateStore
    private let log = LogLines()
    private var steps: [(condition: () -> Bool, action: () -> Void)] = []
    private var look: LoopTimer?
    private var isOver = false

    /// - Parameter seeds: the ports of nodes on loopback.
    init(seeds: [UInt16], timeout: UInt64 = 2_000_000_000) throws {
        loop = try Loop()
        let logger = Logger(label: "test") { [log] _ in log }
        let troubles = RedisTroubles(logger)
        let url = "redis-cluster://" + seeds.map { "127.0.0.1:\($0)" }.joined(separator: ",")
        let server = try RedisServer(url, password: nil, timeout: timeout) { nil }
        link = ClusterLink(
            server,
            seeds: seeds.map { .tcp(host: "127.0.0.1", port: $0) },
            loop: loop,
            troubles: troubles,
            wait: nil
        )
        let settings = StoreSettings(keyPrefix: Array("p:".utf8), secondsToLive: 1000, renewsOnRead: false)
        store = StateStore(settings, link, troubles) { _ in Array("0123456789".utf8) }
    }

    /// What operators were told, a line each.
    var told: [String] { log.lines }

    /// A user whose state's slot is one of these.
    static func user(in slots: ClosedRange<Int>) -> String {
        (0...).lazy.map { "u\($0)" }.first { slots.contains(slot(of: $0)) }!
    }

    /// The slot of a user's state.
    static func slot(of user: String) -> Int { Int(HashSlot(of: Array("p:\(user):w".utf8).span.bytes).number) }

    // MARK: What is to happen

    /// Does this once that holds, and all that was said before has been done.
    func when(_ condition: @autoclosure @escaping () -> Bool, _ action: @escaping () -> Void) {
        steps.append((condition, action))
    }

    /// Once there are so many results, reads a user's state.
    func read(_ user: String, at count: Int) {
        when(self.results.count == count) { [self] in read(user) }
    }

    func read(_ user: String) {
        ask(user) { store.read($0, ifMatch: .none, ifNoneMatch: .none, for: self) }
    }

    func save(_ user: String) {
        Array("{}".utf8).withSpan { state in
            let document = NewDocument(version: 7, lastModified: nil, checksum: nil, ancestry: nil, state: state)
            ask(user) { store.save(document, of: $0, under: Conditions(), for: self) }
        }
    }

    private func ask(_ user: String, _ ask: (Identity) -> Void) {
        Array(user.utf8).withSpan { user in
            Array("w".utf8).withSpan { workspace in
                if let identity = try? Identity(user: user, workspace: workspace) { ask(identity) }
            }
        }
    }

    /// Lets all of it happen.
    /// - Returns: whether it has; false where something has not come in twenty seconds.
    func run() -> Bool {
        let end = Clock.monotonic() + 20_000_000_000
        // What is waited for may be another thread's.
        look = loop.makeTimer { [unowned self] in look?.deadline = Clock.monotonic() + 2_000_000 }
        look?.deadline = 0
        loop.afterBatch = { [unowned self] in
            while let step = steps.first, step.condition() {
                steps.removeFirst()
                step.action()
            }
            store.flush()
            if steps.isEmpty || Clock.monotonic() > end { loop.stop() }
        }
        loop.run()
        return steps.isEmpty
    }
}
