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
    public func withCharacters(_ body: (RawSpan) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 1) { characters in
            var at = 0
            for (word, count) in [(first, 10), (second, 10), (third, 2)] {
                for index in 0..<count {
                    let number = Int(truncatingIfNeeded: word >> (6 * UInt64(index)) & 63)
                    characters[at] = Self.alphabet.utf8Start[number]
                    at += 1
                }
            }
            body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(characters)))
        }
    }

    /// Appends its characters, without quotes.
    public func append(to target: inout [UInt8]) {
        withCharacters { $0.withUnsafeBytes { target.append(contentsOf: $0) } }
    }

    /// Whether a tag can be one of a stored document; others cannot match, whatever is stored.
    static func isPossible(_ tag: UnsafeRawBufferPointer) -> Bool {
        guard (1...64).contains(tag.count) else { return false }
        var areAll: UInt64 = 1
        for byte in tag {
            let letters = byte < 64 ? dashAndDigits : byte < 128 ? underscoreAndLetters : 0
            areAll &= letters >> UInt64(byte & 63)
        }
        return areAll == 1
    }

    /// A bit for each of `-` and `0–9`, from byte 0 on.
    private static let dashAndDigits: UInt64 = 0x03FF_2000_0000_0000
    /// A bit for each of `A–Z`, `_` and `a–z`, from byte 64 on.
    private static let underscoreAndLetters: UInt64 = 0x07FF_FFFE_87FF_FFFE
}
