/// Strings as RFC 8785 spells them (section 3.2.2.2), which any reader of JSON understands.
package enum JSONText {
    /// The letter of the two-character escape that this byte has; `nil` where it has none.
    package static func shortEscape(_ byte: UInt8) -> UInt8? {
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
}

extension [UInt8] {
    /// Appends the escape of a control character, a quote or a backslash.
    package mutating func append(escapeOf byte: UInt8) {
        append(UInt8(ascii: "\\"))
        if let letter = JSONText.shortEscape(byte) {
            append(letter)
        } else {
            append("u00")
            append(Hex.lowercase(byte >> 4))
            append(Hex.lowercase(byte & 15))
        }
    }

    /// Appends UTF-8 as a JSON string, with its quotes.
    package mutating func append(quoted text: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "\""))
        var run = 0
        for (index, byte) in text.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            append(contentsOf: text[run..<index])
            run = index + 1
            append(escapeOf: byte)
        }
        append(contentsOf: text[run...])
        append(UInt8(ascii: "\""))
    }

    /// Appends a text as a JSON string, with its quotes.
    package mutating func append(quoted text: String) {
        var text = text
        text.withUTF8 { append(quoted: $0) }
    }
}
