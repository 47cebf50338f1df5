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
        return usual.withUnsafeBufferPointer { usual in
            var areAll: UInt8 = 1
            for byte in tag { areAll &= usual[Int(byte)] }
            return areAll == 1
        }
    }

    /// 1 for each byte that is a letter, a digit, `-` or `_`. Each read looks its tag's characters up.
    private static let usual: [UInt8] = (0...UInt8.max).map { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            1
        default: 0
        }
    }
}
