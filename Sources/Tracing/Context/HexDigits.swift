import Bytes

/// Lowercase hexadecimal digits, eight at a time: each traced request has 50 of them.
enum HexDigits {
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }

    /// The number that the 16 digits at an offset stand for; `nil` where one of them is none, or in upper case.
    @inline(__always)
    static func sixteen(_ text: RawSpan, _ offset: Int) -> UInt64? {
        guard let high = eight(text, offset), let low = eight(text, offset &+ 8) else { return nil }
        return high &<< 32 | low
    }

    /// The number that eight digits stand for.
    @inline(__always)
    private static func eight(_ text: RawSpan, _ offset: Int) -> UInt64? {
        let word = UInt64(littleEndian: text.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let low = word & (ones &* 0x0F)
        // Digits are 30 to 39, letters 61 to 66.
        let letters = (word &>> 6) & ones
        guard word == low | (ones &* 0x30) &+ letters &* 0x30 else { return nil }
        // Beyond 9 and f a nibble overflows; a letter has at least 1.
        let values = low &+ letters &* 9
        let tooHigh = (low &+ ones &* 6 &+ letters &* 3) & (ones &* 0x10)
        let noLetters = letters & ~((low &+ ones &* 0x0F) &>> 4)
        guard tooHigh | noLetters == 0 else { return nil }
        var nibbles = values.byteSwapped
        nibbles = (nibbles | nibbles &>> 4) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles &>> 8) & 0x0000_FFFF_0000_FFFF
        return (nibbles | nibbles &>> 16) & 0xFFFF_FFFF
    }

    /// The 16 digits of a number, as they lie in memory.
    static func sixteen(_ number: UInt64) -> (UInt64, UInt64) { (eight(number &>> 32), eight(number & 0xFFFF_FFFF)) }

    /// The digits of 32 bits.
    private static func eight(_ number: UInt64) -> UInt64 {
        var nibbles = (number | number &<< 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles &<< 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles &<< 4) & (ones &* 0x0F)
        let letters = ((nibbles &+ ones &* 6) &>> 4) & ones
        return (nibbles &+ ones &* 0x30 &+ letters &* 0x27).byteSwapped.littleEndian
    }

    /// Appends the 16 digits of a number.
    static func append(_ number: UInt64, to text: inout [UInt8]) {
        var digits = sixteen(number)
        withUnsafeBytes(of: &digits) { text.append(contentsOf: $0) }
    }
}
