import Bytes

/// Pairs of names and values, as `FCGI_PARAMS` and `FCGI_GET_VALUES` hold them.
///
/// Source: FastCGI Specification, section 3.4.
enum ParamPairs {
    /// Takes a pair; nothing where there is none, or not the whole of one.
    static func take(
        _ content: UnsafeRawBufferPointer,
        _ at: inout Int
    ) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard let nameLength = takeLength(content, &at), let valueLength = takeLength(content, &at),
            nameLength + valueLength <= content.count - at
        else { return nil }
        let value = at + nameLength
        defer { at = value + valueLength }
        return (
            UnsafeRawBufferPointer(rebasing: content[at..<value]),
            UnsafeRawBufferPointer(rebasing: content[value..<(value + valueLength)])
        )
    }

    /// The last value of a parameter, where it lies; `nil` where it was not sent, or the content is not a list of pairs.
    static func value(of wanted: StaticString, in content: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var found: UnsafeRawBufferPointer?
        var at = 0
        while let pair = take(content, &at) {
            if pair.name.equals(wanted) { found = pair.value }
        }
        return at == content.count ? found : nil
    }

    /// Takes a length, which is one byte below 128, or four with the top bit set.
    @inline(__always)
    static func takeLength(_ content: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
        guard at < content.count else { return nil }
        let first = Int(content[at])
        guard first >= 0x80 else {
            at += 1
            return first
        }
        guard at + 4 <= content.count else { return nil }
        let rest = Int(content[at + 1]) << 16 | Int(content[at + 2]) << 8 | Int(content[at + 3])
        at += 4
        return (first & 0x7F) << 24 | rest
    }
}
