/// What to do with a batch after an attempt, and how long to wait: a value that decides, and no more.
struct ExportPolicy {
    /// What became of an attempt.
    enum Outcome: Equatable {
        case accepted
        /// Another attempt may succeed; where the collector says so, after so many nanoseconds.
        case mayComeRight(after: UInt64?)
        case refused
    }

    /// What to do.
    enum Decision: Equatable {
        /// The batch is done with. The next one, after so many nanoseconds.
        case next(after: UInt64)
        /// The same again, after so many.
        case again(after: UInt64)
    }

    static let second: UInt64 = 1_000_000_000
    /// Attempts that a batch has.
    static let mostAttempts = 4
    /// Longest wait.
    static let longestWait = 30 * second
    /// Longest wait that a collector can ask for.
    static let longestAskedFor = 300 * second

    private var attempts = 0
    /// Attempts in a row, of whatever batches, that have failed.
    private var failures = 0

    /// - Parameter random: any number; it spreads the attempts of several workers.
    mutating func decide(_ outcome: Outcome, random: UInt64) -> Decision {
        attempts += 1
        guard outcome != .accepted else {
            self = ExportPolicy()
            return .next(after: 0)
        }
        failures += 1
        let usual = min(Self.longestWait, Self.second << UInt64(min(failures - 1, 5)))
        var wait = usual * 3 / 4 + random % (usual / 2)
        guard case .mayComeRight(let asked) = outcome else {
            attempts = 0
            return .next(after: wait)
        }
        if let asked { wait = max(wait, min(asked, Self.longestAskedFor)) }
        guard attempts < Self.mostAttempts else {
            attempts = 0
            return .next(after: wait)
        }
        return .again(after: wait)
    }
}
