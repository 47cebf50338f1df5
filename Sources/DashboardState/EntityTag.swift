/// The entity tag of one stored document: 22 characters of `A–Z a–z 0–9 - _`, drawn at random for each write.
///
/// At 132 bits it never repeats, not after a delete and a new save either, which a counter in the document could not
/// promise.
public struct EntityTag: Equatable, Sendable {
    /// Characters of a tag that this service wrote.
    public static let length = 22

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The characters, without quotes.
    public let bytes: [UInt8]

    /// Draws a new one.
    public init(using generator: inout some RandomNumberGenerator) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        var bits: UInt64 = 0
        for index in 0..<Self.length {
            // Ten characters of six bits to each 64-bit draw.
            if index % 10 == 0 { bits = generator.next() }
            bytes.append(Self.alphabet[Int(bits & 63)])
            bits >>= 6
        }
        self.bytes = bytes
    }

    /// Whether a tag can be one of a stored document; others cannot match, whatever is stored.
    static func isPossible(_ tag: UnsafeRawBufferPointer) -> Bool {
        !tag.isEmpty && tag.count <= 64
            && tag.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }
}
