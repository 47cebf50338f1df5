import Glibc

/// Lets whoever waits for this processor run first (`sched_yield(2)`).
///
/// Before a loop waits for more, that brings more together at once, and keeps the thread from being woken on the
/// processor of whoever sends it. Where nobody waits it is one cheap system call.
///
/// Somebody who computes in long stretches would take milliseconds each time. Such a turn is noticed, and for a while
/// no other is given.
public struct GiveWay {
    /// The longest turn of others that is not held against them, in nanoseconds.
    private static let longestTurn: UInt64 = 1_000_000
    /// How long no turn is given after a longer one, in nanoseconds.
    private static let pause: UInt64 = 1_000_000_000

    private var resumesAt: UInt64 = 0

    /// Gives no turn yet.
    public init() {}

    /// Gives others a turn.
    public mutating func callAsFunction() {
        let start = Clock.monotonic()
        guard start >= resumesAt else { return }
        sched_yield()
        let end = Clock.monotonic()
        if end - start > Self.longestTurn { resumesAt = end + Self.pause }
    }
}
