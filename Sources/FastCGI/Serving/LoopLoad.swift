import Synchronization

/// How many connections a loop has, for the others to see: one that was accepted, and turns out to be kept, is left to
/// the loop that has fewest. Which loop accepts it hangs on who happens to sleep, and a web server then keeps it for days.
final class LoopLoad: Sendable {
    /// Below zero once the loop takes no more.
    private let connections = Atomic<Int>(0)

    private static let retired = Int.min / 2

    /// How many there are.
    var count: Int { connections.load(ordering: .relaxed) }

    /// Counts one more, which the loop will get.
    /// - Returns: false if it takes no more.
    func add() -> Bool {
        if connections.add(1, ordering: .acquiringAndReleasing).newValue > 0 { return true }
        connections.subtract(1, ordering: .relaxed)
        return false
    }

    /// One is gone.
    func remove() { connections.subtract(1, ordering: .acquiringAndReleasing) }

    /// Takes no more from now on, unless there are some, or one is on its way.
    /// - Returns: whether there are none.
    func retireIfIdle() -> Bool {
        let (isIdle, count) = connections.compareExchange(
            expected: 0,
            desired: Self.retired,
            ordering: .acquiringAndReleasing
        )
        return isIdle || count < 0
    }

    /// Takes no more from now on.
    func retire() { connections.store(Self.retired, ordering: .releasing) }
}
