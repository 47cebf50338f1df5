import EventLoop
import FastCGI
import Metrics
import StateStore
import Synchronization
import Tracing

/// What is seen of a worker from outside, gathered from all of its loops when somebody asks.
final class WorkerObservation: Sendable {
    /// Of connections of web servers.
    let connections: ConnectionCounts
    let troubles: RedisTroubles
    /// Where Redis is, without credentials.
    let redis: String
    /// How many loops there will be.
    let loopCount: Int
    let identityHash = IdentityHash()
    /// Milliseconds since 1970.
    let startedAt = Clock.unixMilliseconds()
    /// Of traces.
    let spans = SpanCounts()
    private let loops = Mutex<[LoopCounts]>([])
    private let draining = Atomic(false)

    init(redis: String, loopCount: Int, _ troubles: RedisTroubles, _ connections: ConnectionCounts) {
        self.redis = redis
        self.loopCount = loopCount
        self.troubles = troubles
        self.connections = connections
    }

    /// A loop begins.
    /// - Returns: where it counts.
    func addLoop() -> LoopCounts {
        let counts = LoopCounts()
        loops.withLock { $0.append(counts) }
        return counts
    }

    /// What each loop has counted.
    var all: [LoopCounts] { loops.withLock { $0 } }

    /// The worker takes no new connections from now on.
    func drain() { draining.store(true, ordering: .relaxed) }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Whether every loop has a link, and Redis the scripts.
    var isWarm: Bool {
        let loops = all
        return loops.count == loopCount && loops.allSatisfy { $0.isWarm.load(ordering: .relaxed) }
    }
}
