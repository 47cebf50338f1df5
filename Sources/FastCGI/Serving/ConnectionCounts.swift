import Synchronization

/// How many connections of web servers there are, and have been, of all loops of a server.
public final class ConnectionCounts: Sendable {
    private let acceptedCount = Atomic<Int>(0)
    private let openCount = Atomic<Int>(0)
    private let refusedCount = Atomic<Int>(0)
    private let failureCount = Atomic<Int>(0)

    /// None.
    public init() {}

    /// How many were accepted.
    public var accepted: Int { acceptedCount.load(ordering: .relaxed) }
    /// How many are open, idle or busy.
    public var open: Int { max(0, openCount.load(ordering: .relaxed)) }
    /// How many were closed because what came was no FastCGI.
    public var refused: Int { refusedCount.load(ordering: .relaxed) }
    /// How often none could be accepted.
    public var failures: Int { failureCount.load(ordering: .relaxed) }

    func accept() { acceptedCount.add(1, ordering: .relaxed) }
    func begin() { openCount.add(1, ordering: .relaxed) }
    func end() { openCount.subtract(1, ordering: .relaxed) }
    func refuse() { refusedCount.add(1, ordering: .relaxed) }
    func fail() { failureCount.add(1, ordering: .relaxed) }
}
