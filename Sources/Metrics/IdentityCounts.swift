import Synchronization

/// How the requests of the last minute are spread over identities, as far as one number needs it: the share of the busiest.
///
/// Identities are told apart by a keyed hash alone, and those whose hashes share a cell count as one. So the share is never
/// too low, and too high by about a thousandth of all requests. (A count-min sketch of one row: Cormode and
/// Muthukrishnan, 2005.)
///
/// One for each loop, which counts; whoever wants the share adds up those of all loops.
///
/// Unchecked: what is shared is nothing but atomics, at addresses that do not change.
public final class IdentityCounts: @unchecked Sendable {
    /// The minute has so many parts, and there is one that is being filled.
    static let parts = 6
    private static let slots = parts + 1
    /// How long a part is, in nanoseconds.
    public static let part: UInt64 = 10_000_000_000
    /// How many kinds of identities are told apart; a power of two.
    @usableFromInline static let cells = 1024

    @usableFromInline let counts: UnsafeMutablePointer<Atomic<UInt32>>
    /// Which part of time each slot holds, in parts since the clock began; 0 where none.
    private let numbers: UnsafeMutablePointer<Atomic<UInt64>>

    /// Nothing counted.
    public init() {
        counts = .allocate(capacity: Self.slots * Self.cells)
        for index in 0..<(Self.slots * Self.cells) { (counts + index).initialize(to: Atomic(0)) }
        numbers = .allocate(capacity: Self.slots)
        for index in 0..<Self.slots { (numbers + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deallocate()
        numbers.deallocate()
    }

    /// Where a loop counts at the moment. Not shared.
    public struct Place {
        @usableFromInline var end: UInt64 = 0
        @usableFromInline var base = 0
        /// None yet.
        public init() {}
    }

    /// Counts a request; to be called by the one thread that does.
    /// - Parameters:
    ///   - hash: the identity's.
    ///   - now: monotonic nanoseconds.
    ///   - place: the caller's, always the same one.
    @inlinable @inline(__always)
    public func add(_ hash: UInt64, at now: UInt64, _ place: inout Place) {
        if now >= place.end { turn(now, &place) }
        let index = place.base &+ Int(truncatingIfNeeded: hash & UInt64(Self.cells - 1))
        let before = counts[index].load(ordering: .relaxed)
        counts[index].store(before &+ 1, ordering: .relaxed)
    }

    /// Begins another part, in the place of the oldest, which nobody looks at any more.
    @usableFromInline
    func turn(_ now: UInt64, _ place: inout Place) {
        let number = now / Self.part
        let slot = Int(number % UInt64(Self.slots))
        numbers[slot].store(0, ordering: .releasing)
        place.base = slot * Self.cells
        place.end = (number + 1) * Self.part
        for index in 0..<Self.cells { counts[place.base + index].store(0, ordering: .relaxed) }
        numbers[slot].store(number, ordering: .releasing)
    }

    /// The share of the busiest identity in the requests of the last minute, of all loops together: 0 where there were none.
    /// - Parameter now: monotonic nanoseconds.
    public static func busiestRatio(_ loops: [IdentityCounts], at now: UInt64) -> Double {
        let number = now / part
        var sums = [UInt64](repeating: 0, count: cells)
        for loop in loops {
            for slot in 0..<slots {
                let held = loop.numbers[slot].load(ordering: .acquiring)
                guard held > 0, held <= number, held + UInt64(parts) > number else { continue }
                for cell in 0..<cells {
                    sums[cell] += UInt64(loop.counts[slot * cells + cell].load(ordering: .relaxed))
                }
            }
        }
        let total = sums.reduce(0, +)
        return total == 0 ? 0 : Double(sums.max() ?? 0) / Double(total)
    }
}
