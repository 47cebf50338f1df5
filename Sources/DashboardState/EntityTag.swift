/// The entity tag of one stored document: 22 characters of `A–Z a–z 0–9 - _`, drawn at random for each write.
///
/// At 132 bits it never repeats, not after a delete and a new save either, which a counter in the document could not
/// promise.
public struct EntityTag: Equatable, Sendable {
    /// Characters of a tag that this service wrote.
    public static let length = 22

    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    // Six bits a character, ten characters to a word: kept as drawn, since a tag is made for each save.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64

    /// Draws a new one.
    public init(using generator: inout some RandomNumberGenerator) {
        first = generator.next() >> 4
        second = generator.next() >> 4
        third = generator.next() >> 52
    }

    /// Lends its characters, without quotes.
    public func withCharacters(_ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 1) { characters in
            var at = 0
            for (word, count) in [(first, 10), (second, 10), (third, 2)] {
                for index in 0..<count {
                    let number = Int(truncatingIfNeeded: word >> (6 * UInt64(index)) & 63)
                    characters[at] = Self.alphabet.utf8Start[number]
                    at += 1
                }
            }
            body(UnsafeRawBufferPointer(characters))
        }
    }

    /// Appends its characters, without quotes.
    public func append(to target: inout [UInt8]) { withCharacters { target.append(contentsOf: $0) } }

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
