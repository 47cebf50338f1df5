/// Members' names, and the order that they come in.
extension JSONScanner {
    /// Passes a member's name and the colon, and notices whether names come in RFC 8785's order.
    @inline(__always)
    static func memberStart<R: ScanRecorder & ~Copyable>(
        _ base: Text,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool,
        _ level: inout Level,
        _ recorder: inout R
    ) throws(JSONError) -> Position {
        // Most names are shorter than eight bytes, and then their end and their order are found in one look.
        if at + 10 <= end, base[at] == UInt8(ascii: "\"") {
            let word = word(base, at + 1)
            let special = specialBytes(word)
            let length = special.trailingZeroBitCount / 8
            if special != 0, base[at + 1 + length] == UInt8(ascii: "\""), base[at + 2 + length] == UInt8(ascii: ":") {
                let key = NameOrder.key(word, length: length)
                let isInOrder = key > level.key || length == 0 && level.nameStart == 0
                level.key = key
                level.nameStart = at + 1
                level.nameLength = length
                recorder.passedName(
                    ScannedName(start: at + 1, length: length, key: key, hasEscape: false),
                    mark: recorder.mark(at),
                    isInOrder: isInOrder
                )
                return spaceEnd(base, end, at + 3 + length, isCanonical && isInOrder, &recorder)
            }
        }
        return try longMemberStart(base, end, at, isCanonical, &level, &recorder)
    }

    @inline(never)
    static func longMemberStart<R: ScanRecorder & ~Copyable>(
        _ base: Text,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool,
        _ level: inout Level,
        _ recorder: inout R
    ) throws(JSONError) -> Position {
        let mark = recorder.mark(at)
        let name = try nameEnd(base, end, at, isCanonical, &recorder)
        var (next, isStillCanonical) = name.position
        let length = name.quote - at - 1
        let key = NameOrder.key(word(base, end, at + 1), length: length)
        var isInOrder = true
        if level.nameStart > 0 {
            isInOrder =
                key != level.key && NameOrder.isDecisive(key, level.key)
                ? level.key < key
                : JSONString.precedesInUTF16(
                    UnsafeBufferPointer(start: base + level.nameStart, count: level.nameLength),
                    UnsafeBufferPointer(start: base + at + 1, count: length)
                )
            if !isInOrder { isStillCanonical = false }
        }
        level.key = key
        level.nameStart = at + 1
        level.nameLength = length
        recorder.passedName(
            ScannedName(start: at + 1, length: length, key: key, hasEscape: name.hasEscape),
            mark: mark,
            isInOrder: isInOrder
        )
        return (next, isStillCanonical && !name.hasEscape)
    }

    @inline(__always)
    static func nameEnd<R: ScanRecorder & ~Copyable>(
        _ base: Text,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool,
        _ recorder: inout R
    ) throws(JSONError) -> (position: Position, quote: Int, hasEscape: Bool) {
        guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
        guard base[at] == UInt8(ascii: "\"") else { throw .syntax(.expectedName, offset: at) }
        let string = try stringEnd(base, end, at, isCanonical, &recorder)
        var (next, isStillCanonical) = spaceEnd(base, end, string.position.at, string.position.isCanonical, &recorder)
        guard next < end else { throw .syntax(.unexpectedEnd, offset: next) }
        guard base[next] == UInt8(ascii: ":") else { throw .syntax(.expectedColon, offset: next) }
        (next, isStillCanonical) = spaceEnd(base, end, next + 1, isStillCanonical, &recorder)
        return ((next, isStillCanonical), string.position.at - 1, string.hasEscape)
    }
}
