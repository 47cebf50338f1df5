import Synchronization

/// How many requests leave a line in a second, of all loops together, where there is a bound: behind a flood of them the lines
/// that matter would be far between, and soon gone from a journal that keeps so many bytes. Requests that went wrong have a
/// bound of their own, so that others do not hide them.
final class RequestBudget: Sendable {
    private let ordinary = Atomic<UInt64>(0)
    private let troubled = Atomic<UInt64>(0)
    private let most: UInt64

    /// - Parameter most: lines a second, of either kind.
    init(_ most: Int) { self.most = UInt64(most) }

    /// Whether one more may be written.
    /// - Parameters:
    ///   - isTroubled: whether the request went wrong.
    ///   - now: monotonic nanoseconds.
    @inline(__always)
    func admits(isTroubled: Bool, at now: UInt64) -> Bool {
        let second = now / 1_000_000_000
        return isTroubled ? admits(troubled, second) : admits(ordinary, second)
    }

    /// The second that is counted stands in the upper half of the word, and how many were written in it in the lower.
    @inline(__always)
    private func admits(_ counter: borrowing Atomic<UInt64>, _ second: UInt64) -> Bool {
        let beginning = second << 32
        var word = counter.load(ordering: .relaxed)
        while true {
            // A loop that is behind counts in the second that others have begun.
            let before = word < beginning ? beginning : word
            guard before & 0xFFFF_FFFF < most else { return false }
            let (isDone, now) = counter.compareExchange(expected: word, desired: before + 1, ordering: .relaxed)
            if isDone { return true }
            word = now
        }
    }
}
