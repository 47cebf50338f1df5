import Glibc

/// One of the 16,384 parts that the keys of a cluster are dealt into.
///
/// It is the CRC16 (XMODEM: polynomial 0x1021, nothing reflected, from zero) of the key modulo 16,384; or of what stands
/// between the key's first `{` and the next `}`, where there are both and that is not empty.
///
/// Source: Redis cluster specification, "Key distribution model" and "Hash tags",
/// <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>.
public struct HashSlot: Equatable, Sendable, CustomStringConvertible {
    /// How many there are.
    public static let count = 16384

    /// 0 … 16,383.
    public let number: UInt16

    /// The slot of this number; `nil` where there is none.
    public init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = UInt16(number)
    }

    /// The slot of a key.
    public init(of key: RawSpan) {
        number = key.withUnsafeBytes { Self.crc16(Self.tag(of: $0)) } & UInt16(Self.count - 1)
    }

    /// In decimal.
    public var description: String { "\(number)" }

    /// The part of a key that decides.
    private static func tag(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        // Most keys have none, and every request asks: the system's search takes many bytes at once.
        guard let base = key.baseAddress, let brace = memchr(base, Int32(UInt8(ascii: "{")), key.count) else {
            return key
        }
        let rest = key[(UnsafeRawPointer(brace) - base + 1)...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")), end > rest.startIndex else { return key }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }

    private static func crc16(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        guard let start = bytes.baseAddress else { return 0 }
        return steps.withUnsafeBufferPointer { steps in
            var crc: UInt16 = 0
            var next = start
            let end = start + bytes.count
            while next < end {
                let byte = next.load(as: UInt8.self)
                crc = crc << 8 ^ steps[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)]
                next += 1
            }
            return crc
        }
    }

    /// What a byte does to the sum that it meets.
    private static let steps: [UInt16] = (0..<256).map { byte in
        var crc = UInt16(byte) << 8
        for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
        return crc
    }
}
