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

    /// The slot of a key that begins as many do: only the rest is summed up.
    /// - Parameter key: a key of which `beginning` is the beginning.
    public init(of key: RawSpan, after beginning: Beginning) {
        number =
            key.withUnsafeBytes { key in
                let rest = UnsafeRawBufferPointer(rebasing: key[beginning.length...])
                guard let sum = beginning.sum, Self.brace(in: rest) == nil else { return Self.crc16(Self.tag(of: key)) }
                return Self.crc16(rest, after: sum)
            } & UInt16(Self.count - 1)
    }

    /// What many keys begin with, summed up once.
    public struct Beginning: Sendable {
        let length: Int
        /// The sum; `nil` where a brace in it makes another part of a key decide.
        let sum: UInt16?

        /// - Parameter bytes: what the keys begin with.
        public init(_ bytes: [UInt8]) {
            length = bytes.count
            sum = bytes.contains(UInt8(ascii: "{")) ? nil : bytes.withUnsafeBytes { HashSlot.crc16($0) }
        }
    }

    /// In decimal.
    public var description: String { "\(number)" }

    /// The part of a key that decides.
    private static func tag(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let brace = brace(in: key) else { return key }
        let rest = key[(brace + 1)...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")), end > rest.startIndex else { return key }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }

    /// Where the first `{` is. Most keys have none, and every request asks: the system's search takes many bytes at once.
    private static func brace(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let brace = memchr(base, Int32(UInt8(ascii: "{")), bytes.count) else {
            return nil
        }
        return UnsafeRawPointer(brace) - base
    }

    /// The sum of some bytes, or of these and the `sum` of those before them.
    ///
    /// Four bytes at a time: a key has some sixty, and a table for each of the four halves what they take.
    fileprivate static func crc16(_ bytes: UnsafeRawBufferPointer, after sum: UInt16 = 0) -> UInt16 {
        guard let start = bytes.baseAddress else { return sum }
        return steps.withUnsafeBufferPointer { steps in
            var crc = sum
            var next = start
            let end = start + bytes.count
            while end - next >= 4 {
                let word = UInt32(littleEndian: next.loadUnaligned(as: UInt32.self))
                crc =
                    steps[768 | Int(UInt8(truncatingIfNeeded: crc >> 8) ^ UInt8(truncatingIfNeeded: word))]
                    ^ steps[512 | Int(UInt8(truncatingIfNeeded: crc) ^ UInt8(truncatingIfNeeded: word >> 8))]
                    ^ steps[256 | Int(UInt8(truncatingIfNeeded: word >> 16))]
                    ^ steps[Int(UInt8(truncatingIfNeeded: word >> 24))]
                next += 4
            }
            while next < end {
                let byte = next.load(as: UInt8.self)
                crc = crc << 8 ^ steps[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)]
                next += 1
            }
            return crc
        }
    }

    /// What a byte does to the sum that it meets; then the same where one, two and three other bytes follow it.
    private static let steps: [UInt16] = {
        var steps: [UInt16] = (0..<256).map { byte in
            var crc = UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
            return crc
        }
        for index in 256..<1024 {
            let before = steps[index - 256]
            steps.append(before << 8 ^ steps[Int(before >> 8)])
        }
        return steps
    }()
}
