import Bytes

/// What is inside the quotes of a JSON string that has been checked.
package enum JSONString {
    /// Whether RFC 8785 wants the escape at `text`, whose syntax has been checked, and spelled like this: the two-character
    /// ones but `\/`, and `\u00xx` in lowercase for control characters that have none.
    static func isCanonicalEscape(_ text: UnsafePointer<UInt8>) -> Bool {
        guard text[1] == UInt8(ascii: "u") else { return text[1] != UInt8(ascii: "/") }
        guard text[2] == 0x30, text[3] == 0x30, text[4] == 0x30 || text[4] == 0x31, let low = Hex.value(text[5]),
            text[5] | 0x20 == text[5]
        else { return false }
        return JSONText.shortEscape((text[4] - 0x30) << 4 | low) == nil
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
        (2..<6).reduce(0) { $0 << 4 | UInt16(Hex.value(text[at + $1]) ?? 0) }
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
