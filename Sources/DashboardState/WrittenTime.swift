/// A time in the form of 24 characters in which documents of this service hold it, so that times compare as bytes do: as
/// three words, since each read compares two.
struct WrittenTime: Comparable {
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64

    /// `nil` where the bytes are not as many.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount == 24 else { return nil }
        first = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self).bigEndian
        second = bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
        third = bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt64.self).bigEndian
    }

    init(_ time: Timestamp) {
        var text: [UInt8] = []
        time.append(to: &text)
        // The fixed form has as many.
        self = WrittenTime(text.span.bytes)!
    }

    static func < (one: WrittenTime, other: WrittenTime) -> Bool {
        (one.first, one.second, one.third) < (other.first, other.second, other.third)
    }
}
