import Bytes
import Tracing

/// Writes small pieces one behind the other where there is room for them.
struct LinePieces {
    /// Where the next one goes.
    private(set) var at: UnsafeMutableRawPointer

    init(at start: UnsafeMutableRawPointer) { at = start }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        at.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        at += text.utf8CodeUnitCount
    }

    /// A number that is not negative.
    @inline(__always)
    mutating func put(decimal number: Int) {
        let digits = Decimal.digitCount(number)
        Decimal.write(number, digits, to: at)
        at += digits
    }

    /// How many bytes ``put(name:)`` writes, of which some count for nothing.
    static var roomForName: Int { 16 }

    /// The twelve hex digits of a hash of 48 bits.
    @inline(__always)
    mutating func put(name hash: UInt64) {
        at.storeBytes(of: Hex.digits(of: UInt32(truncatingIfNeeded: hash >> 16)), as: UInt64.self)
        at.storeBytes(of: Hex.digits(of: UInt32(truncatingIfNeeded: hash << 16)), toByteOffset: 8, as: UInt64.self)
        at += IdentityNames.Names.digits
    }

    /// The 32 hex digits of a trace's id.
    @inline(__always)
    mutating func put(_ id: TraceID) {
        put(digitsOf: id.high)
        put(digitsOf: id.low)
    }

    @inline(__always)
    private mutating func put(digitsOf number: UInt64) {
        at.storeBytes(of: Hex.digits(of: UInt32(truncatingIfNeeded: number >> 32)), as: UInt64.self)
        at.storeBytes(of: Hex.digits(of: UInt32(truncatingIfNeeded: number)), toByteOffset: 8, as: UInt64.self)
        at += 16
    }
}
