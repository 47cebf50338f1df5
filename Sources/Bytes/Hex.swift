/// Hexadecimal digits.
package enum Hex {
    /// What a digit of either case stands for; `nil` for any other byte.
    @inlinable @inline(__always)
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether a byte is a digit, of either case.
    @inlinable @inline(__always)
    package static func isDigit(_ byte: UInt8) -> Bool { Decimal.isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

    /// The lowercase digit of a value below 16.
    @inlinable @inline(__always)
    package static func lowercase(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The uppercase digit of a value below 16.
    @inlinable @inline(__always)
    package static func uppercase(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// The eight lowercase digits of a number, as they lie in memory.
    @inlinable @inline(__always)
    package static func digits(of number: UInt32) -> UInt64 {
        // Each four bits come into a byte of their own.
        var word = UInt64(number)
        word = (word << 16 | word) & 0x0000_FFFF_0000_FFFF
        word = (word << 8 | word) & 0x00FF_00FF_00FF_00FF
        word = (word << 4 | word) & 0x0F0F_0F0F_0F0F_0F0F
        let isLetter = (word &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (word &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27).bigEndian
    }
}
