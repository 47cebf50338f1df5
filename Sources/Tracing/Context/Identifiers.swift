import Bytes

/// What all spans of a trace have in common: 16 bytes, not all of them zero.
public struct TraceID: Equatable, Sendable {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes, by which samplers decide.
    public let low: UInt64

    /// An id; `nil` where all bytes are zero, which stands for none.
    public init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// Reads 32 lowercase hex digits; `nil` for anything else.
    public init?(_ digits: RawSpan) {
        guard digits.byteCount == 32 else { return nil }
        self.init(at: 0, in: digits)
    }

    /// Reads the 32 digits at an offset, which must be there.
    @inline(__always)
    init?(at offset: Int, in digits: RawSpan) {
        guard let high = HexDigits.sixteen(digits, offset), let low = HexDigits.sixteen(digits, offset &+ 16) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    /// Its 32 hex digits.
    public var digits: [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        append(to: &digits)
        return digits
    }

    /// Appends its 32 hex digits.
    public func append(to text: inout [UInt8]) {
        HexDigits.append(high, to: &text)
        HexDigits.append(low, to: &text)
    }
}

/// What may be a trace's id, as it came: to read it takes longer than to keep it, and most requests need none.
public struct UnreadTraceID: Sendable {
    private let digits: (UInt64, UInt64, UInt64, UInt64)

    /// Keeps 32 bytes; `nil` for anything else.
    @inline(__always)
    public init?(_ digits: RawSpan) {
        guard digits.byteCount == 32 else { return nil }
        func word(_ offset: Int) -> UInt64 { digits.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        self.digits = (word(0), word(8), word(16), word(24))
    }

    /// The id, if it is one.
    public var traceID: TraceID? { withUnsafeBytes(of: digits) { TraceID(RawSpan(_unsafeBytes: $0)) } }
}

/// What a span is known by in its trace: eight bytes, not all of them zero.
public struct SpanID: Equatable, Sendable {
    /// The bytes, the first one highest.
    public let bits: UInt64

    /// An id; `nil` where all bytes are zero, which stands for none.
    public init?(_ bits: UInt64) {
        guard bits != 0 else { return nil }
        self.bits = bits
    }

    /// Appends its 16 hex digits.
    public func append(to text: inout [UInt8]) { HexDigits.append(bits, to: &text) }
}
