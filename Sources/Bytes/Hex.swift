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
}
