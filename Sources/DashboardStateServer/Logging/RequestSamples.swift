/// Which of a loop's requests are looked at, each for those before it: one of eight or so, at distances that nobody's habits
/// fit, and at most a hundred a second.
struct RequestSamples {
    /// How many requests more until the next look.
    private var left: Int
    /// How many have come since the last request that was taken.
    private var gap: Int
    private var untaken = 0
    private var pausedUntil: UInt64 = 0
    private var random: UInt64

    /// Requests from one look to the next, at most.
    static let farthest = 15
    /// Nanoseconds from one to the next that is taken, at least.
    static let pause: UInt64 = 10_000_000

    /// - Parameters:
    ///   - takesAny: none is ever due otherwise.
    ///   - seed: makes distances differ.
    init(takesAny: Bool, seed: UInt64 = .random(in: 1 ... .max)) {
        random = seed
        // A program that serves one request looks at none, most often.
        gap = takesAny ? Self.farthest : .max
        left = gap
    }

    /// A request has come: whether it is to be looked at.
    @inline(__always)
    mutating func isDue() -> Bool {
        left &-= 1
        return left == 0
    }

    /// Looks at one that is due.
    /// - Parameter now: monotonic nanoseconds.
    /// - Returns: for how many requests it stands; `nil` where it is passed over.
    mutating func take(at now: UInt64) -> Int? {
        untaken += gap
        // Marsaglia's xorshift, 2003.
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        gap = 1 + Int(random >> 32) % Self.farthest
        left = gap
        guard now >= pausedUntil else { return nil }
        pausedUntil = now + Self.pause
        defer { untaken = 0 }
        return untaken
    }
}
