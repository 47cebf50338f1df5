/// Text in which bytes that would mean something else, or that nobody can type, stand as `%` and two hexadecimal digits.
///
/// Source: RFC 3986, section 2.1.
package enum PercentEncoding {
    /// The bytes that a text stands for; `nil` where two digits do not follow a `%`.
    ///
    /// They need not be UTF-8, and may be anything: whoever wants a text of them looks.
    package static func decoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The same as a text; `nil` also where the bytes are not UTF-8.
    package static func decodedText(_ text: Substring) -> String? {
        decoded(text).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
