import Bytes

/// Strings, their escapes and characters.
extension JSONScanner {
    /// Passes the string that starts at `at`.
    @inline(__always)
    static func stringEnd<R: ScanRecorder & ~Copyable>(
        _ base: Text,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool,
        _ recorder: inout R
    ) throws(JSONError) -> (position: Position, hasEscape: Bool) {
        let plain = plainEnd(base, end, at + 1)
        if plain < end, base[plain] == UInt8(ascii: "\"") { return ((plain + 1, isCanonical), false) }
        let string = try longStringEnd(base, end, plain)
        if !string.isCanonical { recorder.passedString(from: at, to: string.end) }
        return ((string.end, isCanonical && string.isCanonical), string.hasEscape)
    }

    /// Goes on in a string that does not end where its plain characters do.
    @inline(never)
    static func longStringEnd(
        _ base: Text,
        _ end: Int,
        _ start: Int
    ) throws(JSONError) -> (end: Int, isCanonical: Bool, hasEscape: Bool) {
        var at = start
        var isCanonical = true
        var hasEscape = false
        while true {
            at = plainEnd(base, end, at)
            guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
            switch base[at] {
            case UInt8(ascii: "\""): return (at + 1, isCanonical, hasEscape)
            case UInt8(ascii: "\\"):
                hasEscape = true
                (at, isCanonical) = try escapeEnd(base, end, at, isCanonical)
            case 0..<0x20: throw .syntax(.controlCharacter, offset: at)
            default: at = try scalarEnd(base, end, at)
            }
        }
    }

    /// Passes ASCII characters that need no look, eight at a time.
    @inline(__always)
    static func plainEnd(_ base: Text, _ end: Int, _ at: Int) -> Int {
        var position = at
        while position + 8 <= end {
            let special = specialBytes(word(base, position))
            if special != 0 { return position + special.trailingZeroBitCount / 8 }
            position += 8
        }
        return shortPlainEnd(base, end, position)
    }

    @inline(never)
    static func shortPlainEnd(_ base: Text, _ end: Int, _ at: Int) -> Int {
        var position = at
        while position < end {
            let byte = base[position]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            position += 1
        }
        return position
    }

    /// The eight bytes at a position, the first one lowest.
    @inline(__always)
    static func word(_ base: Text, _ position: Int) -> UInt64 {
        UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian
    }

    /// The same near the end, as if NUL followed.
    static func word(_ base: Text, _ end: Int, _ position: Int) -> UInt64 {
        guard position + 8 > end else { return word(base, position) }
        return (position..<end).reversed().reduce(0) { $0 << 8 | UInt64(base[$1]) }
    }

    /// Has the top bit set in the lowest byte of `word` that is a quote, a backslash, a control character or not
    /// ASCII; 0 where there is none. Bits above the lowest that is set mean nothing, since a borrow may have got there.
    @inline(__always)
    static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        // A byte that is not ASCII is special anyway, so the subtractions need not be kept from its top bit.
        return ((quote &- ones) | (backslash &- ones) | (word &- ones &* 0x20) | word) & tops
    }

    static func escapeEnd(
        _ base: Text,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool
    ) throws(JSONError) -> Position {
        guard at + 1 < end else { throw .syntax(.unexpectedEnd, offset: end) }
        switch base[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "/"):
            return (at + 2, isCanonical && JSONString.isCanonicalEscape(base + at))
        case UInt8(ascii: "u"):
            guard at + 6 <= end else { throw .syntax(.unexpectedEnd, offset: end) }
            for index in 2..<6 where Hex.value(base[at + index]) == nil {
                throw .syntax(.invalidEscape, offset: at)
            }
            return (at + 6, isCanonical && JSONString.isCanonicalEscape(base + at))
        default: throw .syntax(.invalidEscape, offset: at)
        }
    }

    /// Passes one character beyond ASCII: only the shortest form, no surrogates, nothing above U+10FFFF (RFC 3629).
    static func scalarEnd(_ base: Text, _ end: Int, _ at: Int) throws(JSONError) -> Int {
        let first = base[at]
        let length =
            switch first {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard length > 0, at + length <= end else { throw .syntax(.invalidUTF8, offset: at) }
        let second = base[at + 1]
        let isSecondValid =
            switch first {
            case 0xE0: (0xA0...0xBF).contains(second)
            case 0xED: (0x80...0x9F).contains(second)
            case 0xF0: (0x90...0xBF).contains(second)
            case 0xF4: (0x80...0x8F).contains(second)
            default: (0x80...0xBF).contains(second)
            }
        guard isSecondValid else { throw .syntax(.invalidUTF8, offset: at) }
        for index in 2..<max(2, length) where base[at + index] & 0xC0 != 0x80 {
            throw .syntax(.invalidUTF8, offset: at)
        }
        return at + length
    }
}
