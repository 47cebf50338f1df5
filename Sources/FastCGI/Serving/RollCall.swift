import Synchronization

/// A question to all loops of a server, whether they are alive.
public final class RollCall: Sendable {
    private let missing: Atomic<Int>

    init(loops: Int) { missing = Atomic(loops) }

    /// Whether each has answered, which it does when it next comes to its mail.
    public var isAnswered: Bool { missing.load(ordering: .relaxed) <= 0 }

    func answer() { missing.subtract(1, ordering: .relaxed) }
}
