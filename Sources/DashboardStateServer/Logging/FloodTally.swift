/// Finds whether one identity takes more than half of the requests of ten seconds, where these are fifty a second or more.
/// It sees some of the requests, of all loops, each in the place of those that came before it on its loop.
struct FloodTally {
    typealias Names = IdentityNames.Names

    /// Whoever takes so much.
    struct Flood: Equatable {
        var names: Names
        /// Its share of the requests, below 1.
        var share: Double
        /// All requests, in a second.
        var rate: Int
    }

    /// Nanoseconds that are looked at together.
    static let period: UInt64 = 10_000_000_000
    /// Requests in that time below which there is no flood.
    static let fewest = 500
    /// Nanoseconds for which it is told once.
    static let pause: UInt64 = 60_000_000_000
    /// Identities that are told apart in that time. One that takes half of it is among the first of them.
    static let mostIdentities = 1024

    private var counts: [Names: Int] = [:]
    private var total = 0
    private var beganAt: UInt64?
    private var isQuietUntil: UInt64 = 0

    /// - Parameters:
    ///   - names: whose request it is.
    ///   - weight: for how many it stands, itself among them.
    ///   - now: monotonic nanoseconds.
    /// - Returns: what has to be told.
    mutating func add(_ names: Names, weight: Int, at now: UInt64) -> Flood? {
        let began = beganAt ?? now
        beganAt = began
        total += weight
        if let count = counts[names] {
            counts[names] = count + weight
        } else if counts.count < Self.mostIdentities {
            counts[names] = weight
        }
        // Loops read their clocks by themselves.
        let elapsed = now - min(began, now)
        guard elapsed >= Self.period else { return nil }
        defer {
            counts.removeAll(keepingCapacity: true)
            total = 0
            beganAt = now
        }
        guard now >= isQuietUntil, let busiest = counts.max(by: { $0.value < $1.value }) else { return nil }
        // After a pause of all requests the time is longer.
        let isBusy = UInt64(total) * Self.period >= UInt64(Self.fewest) * elapsed
        guard isBusy, busiest.value * 2 > total else { return nil }
        isQuietUntil = now + Self.pause
        let share = (Double(busiest.value) / Double(total) * 1000).rounded() / 1000
        return Flood(names: busiest.key, share: share, rate: Int(UInt64(total) * 1_000_000_000 / elapsed))
    }
}
