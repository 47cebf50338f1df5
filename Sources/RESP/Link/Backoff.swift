/// How long to wait before the next attempt to connect: longer each time, and never quite the same, so that workers
/// that lost one server together do not come back together.
struct Backoff {
    /// First pause, in nanoseconds.
    static let shortest: UInt64 = 50_000_000
    /// Longest pause, in nanoseconds.
    static let longest: UInt64 = 2_000_000_000

    private var attempts = 0

    /// Draws the pause after another failed attempt: between half and all of a bound that doubles.
    mutating func next(using generator: inout some RandomNumberGenerator) -> UInt64 {
        let bound = min(Self.longest, Self.shortest << min(attempts, 16))
        attempts += 1
        return UInt64.random(in: bound / 2...bound, using: &generator)
    }

    /// A connection was made and is of use.
    mutating func reset() { attempts = 0 }
}
