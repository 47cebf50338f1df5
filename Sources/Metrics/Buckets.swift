/// The bounds of a histogram, and which bucket a value falls into: a look into a table by the value's length in bits, and one
/// comparison.
///
/// Two bounds with a factor of two or more between them never lie in one such length.
public final class Buckets: Sendable {
    /// The highest value of each bucket but the last, which has no end.
    public let bounds: [UInt64]
    /// The bounds as they are written, in base units.
    public let labels: [StaticString]
    /// How many base units a value has as one: 1e9 where values are nanoseconds of what is told in seconds.
    public let scale: Double

    // One memory each, made here and never changed, and let go with this.
    private let table: Table

    /// A histogram's bounds.
    /// - Parameters:
    ///   - bounds: ascending, each twice the one before or more; with each, how it is written.
    ///   - scale: how many units of the values are one of the labels'.
    public init(_ bounds: KeyValuePairs<UInt64, StaticString>, scale: Double) {
        self.bounds = bounds.map(\.key)
        labels = bounds.map(\.value)
        self.scale = scale
        table = Table(self.bounds)
    }

    /// How many buckets there are, the one without an end included.
    public var count: Int { bounds.count + 1 }

    /// The bucket of a value, from 0.
    public func index(_ value: UInt64) -> Int { table.index(value) }

    /// The table for whoever counts often.
    public var lookUp: LookUp { LookUp(first: UnsafePointer(table.first), bounds: UnsafePointer(table.bounds)) }

    /// Finds buckets; only while its ``Buckets`` is there.
    public struct LookUp {
        @usableFromInline let first: UnsafePointer<UInt8>
        @usableFromInline let bounds: UnsafePointer<UInt64>

        /// The bucket of a value, from 0.
        @inlinable @inline(__always)
        public func index(_ value: UInt64) -> Int {
            let candidate = Int(first[64 &- value.leadingZeroBitCount])
            return candidate &+ (value > bounds[candidate] ? 1 : 0)
        }
    }

    // Unchecked: written before anybody else has it, and only read afterwards.
    private final class Table: @unchecked Sendable {
        /// For each length in bits the first bucket that a value of this length can be in.
        let first = UnsafeMutablePointer<UInt8>.allocate(capacity: 65)
        let bounds: UnsafeMutablePointer<UInt64>

        init(_ values: [UInt64]) {
            precondition(zip(values, values.dropFirst()).allSatisfy { $1 / 2 >= $0 }, "bounds that are too close")
            bounds = .allocate(capacity: values.count + 1)
            for (index, value) in (values + [.max]).enumerated() { (bounds + index).initialize(to: value) }
            for length in 0...64 {
                let least: UInt64 = length == 0 ? 0 : 1 << UInt64(length - 1)
                let bucket = values.firstIndex { $0 >= least } ?? values.count
                (first + length).initialize(to: UInt8(bucket))
            }
        }

        deinit {
            first.deallocate()
            bounds.deallocate()
        }

        func index(_ value: UInt64) -> Int { Buckets.LookUp(first: first, bounds: bounds).index(value) }
    }
}
