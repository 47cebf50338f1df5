import Bytes

/// The span that has caused a request, as the field `traceparent` says.
///
/// Source: W3C Trace Context, section 3.2.
public struct TraceParent: Equatable, Sendable {
    /// The trace that it belongs to.
    public let traceID: TraceID
    /// The span itself.
    public let spanID: SpanID
    /// Whether the caller may have recorded it.
    public let isSampled: Bool

    /// What a caller would say.
    public init(_ traceID: TraceID, _ spanID: SpanID, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// The length of version 00; later ones may have more behind it.
    private static var length: Int { 55 }
    private static let dash = UInt8(ascii: "-")

    /// Reads `version-traceid-parentid-flags`; `nil` where it is not exactly that.
    ///
    /// Of versions to come what version 00 has is read, as the specification wants it.
    public init?(_ field: RawSpan) {
        guard field.byteCount >= Self.length else { return nil }
        func byte(_ offset: Int) -> UInt8 { field.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) }
        func pair(_ offset: Int) -> UInt8? {
            guard let high = Self.digit(byte(offset)), let low = Self.digit(byte(offset + 1)) else { return nil }
            return high << 4 | low
        }
        guard let version = pair(0), version != 0xFF else { return nil }
        guard field.byteCount == Self.length || (version > 0 && byte(Self.length) == Self.dash) else { return nil }
        guard byte(2) == Self.dash, byte(35) == Self.dash, byte(52) == Self.dash else { return nil }
        guard let traceID = TraceID(at: 3, in: field), let bits = HexDigits.sixteen(field, 36),
            let spanID = SpanID(bits), let flags = pair(53)
        else { return nil }
        self.init(traceID, spanID, isSampled: flags & 1 == 1)
    }

    /// Of a digit in lower case.
    private static func digit(_ byte: UInt8) -> UInt8? {
        (0x41...0x46).contains(byte) ? nil : Hex.value(byte)
    }
}
