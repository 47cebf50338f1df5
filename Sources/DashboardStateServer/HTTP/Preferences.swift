/// What a `Prefer` field says.
///
/// Source: RFC 7240, section 2.
enum Preferences {
    /// Whether the client wants the stored document when its own is not saved (section 4.2). Of several `return`
    /// preferences the first counts.
    static func wantRepresentation(_ field: RawSpan) -> Bool { field.withUnsafeBytes(wantRepresentation) }

    private static func wantRepresentation(_ field: UnsafeRawBufferPointer) -> Bool {
        var rest = field[...]
        while !rest.isEmpty {
            let preference = takePreference(&rest)
            guard preference.name.equalsIgnoringCase("return") else { continue }
            return preference.value.equalsIgnoringCase("representation")
        }
        return false
    }

    /// Takes a preference with its parameters, which say nothing here, and the comma behind it.
    private static func takePreference(
        _ rest: inout Slice<UnsafeRawBufferPointer>
    ) -> (name: Slice<UnsafeRawBufferPointer>, value: [UInt8]) {
        let name = rest.prefix { !delimiters.contains($0) }
        rest = rest[name.endIndex...]
        var value: [UInt8] = []
        if rest.first == UInt8(ascii: "=") {
            rest.removeFirst()
            rest = rest.drop(while: isBlank)
            if rest.first == UInt8(ascii: "\"") {
                value = takeQuoted(&rest)
            } else {
                let word = rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ";") }
                rest = rest[word.endIndex...]
                value = Array(word.trimmed)
            }
        }
        while let byte = rest.first, byte != UInt8(ascii: ",") {
            if byte == UInt8(ascii: "\"") { _ = takeQuoted(&rest) } else { rest.removeFirst() }
        }
        rest = rest.dropFirst()
        return (name.trimmed, value)
    }

    /// Takes a quoted string, to the end where it has none (RFC 9110, section 5.6.4).
    /// - Returns: what it stands for; nothing where it has no end.
    private static func takeQuoted(_ rest: inout Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var text: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return text }
            if let plain = byte == UInt8(ascii: "\\") ? rest.popFirst() : byte { text.append(plain) }
        }
        return []
    }

    /// What ends a preference's name.
    private static let delimiters = Array(",;=".utf8)
}
