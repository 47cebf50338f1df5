import Bytes

/// What is inside the quotes of a JSON string that has been checked.
package enum JSONString {
    static func hexValue(_ digit: UInt8) -> UInt16? {
        switch digit {
        case 0x30...0x39: UInt16(digit - 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(digit - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(digit - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// Whether RFC 8785 wants the escape at `text`, whose syntax has been checked, and spelled like this: the two-character
    /// ones but `\/`, and `\u00xx` in lowercase for control characters that have none.
    static func isCanonicalEscape(_ text: UnsafePointer<UInt8>) -> Bool {
        guard text[1] == UInt8(ascii: "u") else { return text[1] != UInt8(ascii: "/") }
        guard text[2] == 0x30, text[3] == 0x30, text[4] == 0x30 || text[4] == 0x31, let low = hexValue(text[5]),
            text[5] | 0x20 == text[5]
        else { return false }
        return shortEscape((text[4] - 0x30) << 4 | UInt8(low)) == nil
    }

    /// The letter of the two-character escape that RFC 8785 wants for this byte; `nil` where it wants none.
    static func shortEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        default: nil
        }
    }

    /// Appends what the string means, in UTF-8.
    /// - Throws: ``CanonicalError/loneSurrogate`` for an escape that means half a character.
    package static func appendUnescaped(
        _ text: UnsafeBufferPointer<UInt8>,
        to target: inout [UInt8]
    ) throws(CanonicalError) {
        var at = 0
        while at < text.count {
            guard text[at] == UInt8(ascii: "\\") else {
                let run = text[at...].prefix { $0 != UInt8(ascii: "\\") }
                target.append(contentsOf: run)
                at += run.count
                continue
            }
            switch text[at + 1] {
            case UInt8(ascii: "b"): target.append(0x08)
            case UInt8(ascii: "f"): target.append(0x0C)
            case UInt8(ascii: "n"): target.append(0x0A)
            case UInt8(ascii: "r"): target.append(0x0D)
            case UInt8(ascii: "t"): target.append(0x09)
            case UInt8(ascii: "u"):
                let (scalar, length) = try scalar(text, at)
                target.append(contentsOf: Array(String(scalar).utf8))
                at += length
                continue
            default: target.append(text[at + 1])
            }
            at += 2
        }
    }

    /// The character of the `\u` escape at `at`, or of the two that make a surrogate pair, and their length.
    private static func scalar(
        _ text: UnsafeBufferPointer<UInt8>,
        _ at: Int
    ) throws(CanonicalError) -> (Unicode.Scalar, Int) {
        let first = unit(text, at)
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        guard first < 0xDC00, at + 12 <= text.count, text[at + 6] == UInt8(ascii: "\\"),
            text[at + 7] == UInt8(ascii: "u")
        else { throw .loneSurrogate }
        let second = unit(text, at + 6)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)
        else { throw .loneSurrogate }
        return (scalar, 12)
    }

    private static func unit(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt16 {
        (2..<6).reduce(0) { $0 << 4 | (hexValue(text[at + $1]) ?? 0) }
    }

    /// Appends what UTF-8 `text` looks like in RFC 8785, with its quotes (section 3.2.2.2).
    static func appendCanonical(_ text: UnsafeBufferPointer<UInt8>, to target: inout [UInt8]) {
        target.append(UInt8(ascii: "\""))
        var run = 0
        for (index, byte) in text.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            target.append(contentsOf: text[run..<index])
            run = index + 1
            target.append(UInt8(ascii: "\\"))
            if let letter = shortEscape(byte) {
                target.append(letter)
            } else {
                let low = byte & 15
                target.append("u00")
                target.append(UInt8(ascii: "0") + (byte >> 4))
                target.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
            }
        }
        target.append(contentsOf: text[run...])
        target.append(UInt8(ascii: "\""))
    }

    /// Whether one UTF-8 text comes before another by UTF-16 code units, as RFC 8785 sorts (section 3.2.3).
    ///
    /// That is the order of the bytes, but for one thing: characters beyond U+FFFF, which begin with F0 to F4, come
    /// before those from U+E000 to U+FFFF, which begin with EE or EF, since they are written as surrogates.
    static func precedesInUTF16(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        let common = min(one.count, other.count)
        for index in 0..<common where one[index] != other[index] {
            let (left, right) = (one[index], other[index])
            if left >= 0xEE, right >= 0xEE, (left >= 0xF0) != (right >= 0xF0) { return left >= 0xF0 }
            return left < right
        }
        return one.count < other.count
    }
}
