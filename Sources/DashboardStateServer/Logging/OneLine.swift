import Bytes

extension [UInt8] {
    /// Appends a text that stays in its line whatever it holds: control characters are spelt as in JSON.
    mutating func append(inLine text: String) {
        var text = text
        text.withUTF8 { text in
            for byte in text {
                if byte < 0x20 || byte == 0x7F { append(escapeOf: byte) } else { append(byte) }
            }
        }
    }
}
