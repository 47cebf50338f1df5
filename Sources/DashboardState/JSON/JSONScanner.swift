/// The one pass over a JSON text: it checks RFC 8259 to the letter, in UTF-8, and tells where each value ends.
///
/// It makes nothing of what it reads. On the way it notices whether the text is in its RFC 8785 form already, which
/// most dashboards are when they are saved again, so that no second form has to be made to hash it.
///
/// Every read is below ``end``: each loop compares before it loads.
struct JSONScanner: ~Copyable {
    /// How deep objects and arrays may lie in each other.
    static let deepest = 128

    let base: UnsafePointer<UInt8>
    let end: Int
    private(set) var at = 0
    /// Cleared at the first thing that RFC 8785 would write otherwise. Now and then something that it would not is
    /// taken for such (escaped names, numbers of more than 15 digits or with an exponent), never the other way round.
    var isCanonical = true

    private let levels = UnsafeMutablePointer<Level>.allocate(capacity: deepest)

    private typealias Bytes = UnsafePointer<UInt8>
    /// Where a scan has come to, and whether all was canonical up to there.
    private typealias Position = (at: Int, isCanonical: Bool)

    /// The bytes must stay where they are for as long as the scanner is used.
    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; nothing is read through this one then.
        base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress ?? UnsafePointer(bitPattern: 1)!
        end = bytes.count
    }

    deinit { levels.deallocate() }

    // MARK: Between tokens

    /// The next byte; 0, which no rule accepts, at the end.
    var next: UInt8 { at < end ? base[at] : 0 }

    mutating func skipSpace() { (at, isCanonical) = Self.spaceEnd(base, end, at, isCanonical) }

    mutating func advance() { at += 1 }

    func error(_ reason: BodyError.Reason) -> BodyError {
        .syntax(at >= end ? .unexpectedEnd : reason, offset: at)
    }

    // MARK: Values

    /// Passes one value of any kind.
    /// - Parameter depth: how many objects and arrays it lies in.
    mutating func passValue(depth: Int) throws(BodyError) {
        try passValue(depth, levels)
    }

    /// An object or array that is being passed.
    private struct Level {
        var isObject: Bool
        /// Where its latest name lies, without the quotes; at 0 before the first.
        var nameStart = 0
        var nameLength = 0
        /// The ``NameOrder`` key of that name; 0, which comes before all others, before the first.
        var key: UInt64 = 0
    }

    /// One loop over all that lies in a value, with all that it needs in local variables: this is where a large save
    /// spends its time. What is rare is left to functions that are not inlined.
    private mutating func passValue(
        _ outside: Int,
        _ levels: UnsafeMutablePointer<Level>
    ) throws(BodyError) {
        let (base, end) = (base, end)
        var at = at
        var isCanonical = isCanonical
        var depth = outside
        var level = Level(isObject: false)
        defer {
            self.at = at
            self.isCanonical = isCanonical
        }

        values: while true {
            guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
            switch base[at] {
            case UInt8(ascii: "\""):
                (at, isCanonical) = try Self.stringEnd(base, end, at, isCanonical).position
            case 0x30...0x39, UInt8(ascii: "-"):
                let digits = Self.digitsEnd(base, end, at)
                if Self.isShortInteger(base, end, at, digits) {
                    at = digits
                } else {
                    (at, isCanonical) = try Self.numberEnd(base, end, at, isCanonical)
                }
            case UInt8(ascii: "{"):
                guard depth < Self.deepest else { throw .tooDeep(offset: at) }
                (at, isCanonical) = Self.spaceEnd(base, end, at + 1, isCanonical)
                if at < end, base[at] == UInt8(ascii: "}") {
                    at += 1
                } else {
                    levels[depth] = level
                    depth += 1
                    level = Level(isObject: true)
                    (at, isCanonical) = try Self.memberStart(base, end, at, isCanonical, &level)
                    continue values
                }
            case UInt8(ascii: "["):
                guard depth < Self.deepest else { throw .tooDeep(offset: at) }
                (at, isCanonical) = Self.spaceEnd(base, end, at + 1, isCanonical)
                if at < end, base[at] == UInt8(ascii: "]") {
                    at += 1
                } else {
                    levels[depth] = level
                    depth += 1
                    level = Level(isObject: false)
                    continue values
                }
            case UInt8(ascii: "t"): at = try Self.literalEnd(base, end, at, "true")
            case UInt8(ascii: "f"): at = try Self.literalEnd(base, end, at, "false")
            case UInt8(ascii: "n"): at = try Self.literalEnd(base, end, at, "null")
            default: throw .syntax(.unexpectedByte, offset: at)
            }
            // Behind a value.
            while true {
                guard depth > outside else { return }
                (at, isCanonical) = Self.spaceEnd(base, end, at, isCanonical)
                guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
                if base[at] == UInt8(ascii: ",") {
                    (at, isCanonical) = Self.spaceEnd(base, end, at + 1, isCanonical)
                    if level.isObject {
                        (at, isCanonical) = try Self.memberStart(base, end, at, isCanonical, &level)
                    }
                    continue values
                }
                guard base[at] == (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw .syntax(.expectedCommaOrEnd, offset: at)
                }
                at += 1
                depth -= 1
                level = levels[depth]
            }
        }
    }

    /// Where the next byte is that is no white space.
    @inline(__always)
    private static func spaceEnd(_ base: Bytes, _ end: Int, _ at: Int, _ isCanonical: Bool) -> Position {
        guard at < end, base[at] <= 0x20 else { return (at, isCanonical) }
        return longSpaceEnd(base, end, at, isCanonical)
    }

    @inline(never)
    private static func longSpaceEnd(_ base: Bytes, _ end: Int, _ at: Int, _ isCanonical: Bool) -> Position {
        var position = at
        while position < end, [0x20, 0x0A, 0x0D, 0x09].contains(base[position]) { position += 1 }
        return (position, isCanonical && position == at)
    }

    private static func literalEnd(
        _ base: Bytes,
        _ end: Int,
        _ at: Int,
        _ literal: StaticString
    ) throws(BodyError) -> Int {
        for index in 0..<literal.utf8CodeUnitCount {
            guard at + index < end else { throw .syntax(.unexpectedEnd, offset: end) }
            guard base[at + index] == literal.utf8Start[index] else {
                throw .syntax(.invalidLiteral, offset: at + index)
            }
        }
        return at + literal.utf8CodeUnitCount
    }

    // MARK: Names

    /// Passes a member's name and the colon behind it.
    /// - Returns: where the name lies, without its quotes.
    mutating func passName() throws(BodyError) -> Range<Int> {
        let start = at + 1
        let name = try Self.nameEnd(base, end, at, isCanonical)
        (at, isCanonical) = name.position
        return start..<name.quote
    }

    /// Passes a member's name and the colon, and notices whether names come in RFC 8785's order.
    @inline(__always)
    private static func memberStart(
        _ base: Bytes,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool,
        _ level: inout Level
    ) throws(BodyError) -> Position {
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
                return spaceEnd(base, end, at + 3 + length, isCanonical && isInOrder)
            }
        }
        return try longMemberStart(base, end, at, isCanonical, &level)
    }

    @inline(never)
    private static func longMemberStart(
        _ base: Bytes,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool,
        _ level: inout Level
    ) throws(BodyError) -> Position {
        let name = try nameEnd(base, end, at, isCanonical)
        var (next, isStillCanonical) = name.position
        let length = name.quote - at - 1
        let key = NameOrder.key(word(base, end, at + 1), length: length)
        if level.nameStart > 0 {
            let isInOrder =
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
        return (next, isStillCanonical && !name.hasEscape)
    }

    @inline(__always)
    private static func nameEnd(
        _ base: Bytes,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool
    ) throws(BodyError) -> (position: Position, quote: Int, hasEscape: Bool) {
        guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
        guard base[at] == UInt8(ascii: "\"") else { throw .syntax(.expectedName, offset: at) }
        let string = try stringEnd(base, end, at, isCanonical)
        var (next, isStillCanonical) = spaceEnd(base, end, string.position.at, string.position.isCanonical)
        guard next < end else { throw .syntax(.unexpectedEnd, offset: next) }
        guard base[next] == UInt8(ascii: ":") else { throw .syntax(.expectedColon, offset: next) }
        (next, isStillCanonical) = spaceEnd(base, end, next + 1, isStillCanonical)
        return ((next, isStillCanonical), string.position.at - 1, string.hasEscape)
    }

    // MARK: Strings

    /// Passes the string that starts at `at`.
    @inline(__always)
    private static func stringEnd(
        _ base: Bytes,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool
    ) throws(BodyError) -> (position: Position, hasEscape: Bool) {
        let plain = plainEnd(base, end, at + 1)
        if plain < end, base[plain] == UInt8(ascii: "\"") { return ((plain + 1, isCanonical), false) }
        return try longStringEnd(base, end, plain, isCanonical)
    }

    /// Goes on in a string that does not end where its plain characters do.
    @inline(never)
    private static func longStringEnd(
        _ base: Bytes,
        _ end: Int,
        _ start: Int,
        _ wasCanonical: Bool
    ) throws(BodyError) -> (position: Position, hasEscape: Bool) {
        var at = start
        var isCanonical = wasCanonical
        var hasEscape = false
        while true {
            at = plainEnd(base, end, at)
            guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
            switch base[at] {
            case UInt8(ascii: "\""): return ((at + 1, isCanonical), hasEscape)
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
    private static func plainEnd(_ base: Bytes, _ end: Int, _ at: Int) -> Int {
        var position = at
        while position + 8 <= end {
            let special = specialBytes(word(base, position))
            if special != 0 { return position + special.trailingZeroBitCount / 8 }
            position += 8
        }
        return shortPlainEnd(base, end, position)
    }

    @inline(never)
    private static func shortPlainEnd(_ base: Bytes, _ end: Int, _ at: Int) -> Int {
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
    private static func word(_ base: Bytes, _ position: Int) -> UInt64 {
        UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian
    }

    /// The same near the end, as if NUL followed.
    private static func word(_ base: Bytes, _ end: Int, _ position: Int) -> UInt64 {
        guard position + 8 > end else { return word(base, position) }
        return (position..<end).reversed().reduce(0) { $0 << 8 | UInt64(base[$1]) }
    }

    /// Has the top bit set in the lowest byte of `word` that is a quote, a backslash, a control character or not
    /// ASCII; 0 where there is none. Bits above the lowest that is set mean nothing, since a borrow may have got there.
    @inline(__always)
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        // A byte that is not ASCII is special anyway, so the subtractions need not be kept from its top bit.
        return ((quote &- ones) | (backslash &- ones) | (word &- ones &* 0x20) | word) & tops
    }

    private static func escapeEnd(
        _ base: Bytes,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool
    ) throws(BodyError) -> Position {
        guard at + 1 < end else { throw .syntax(.unexpectedEnd, offset: end) }
        switch base[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "/"):
            return (at + 2, isCanonical && JSONString.isCanonicalEscape(base + at))
        case UInt8(ascii: "u"):
            guard at + 6 <= end else { throw .syntax(.unexpectedEnd, offset: end) }
            for index in 2..<6 where JSONString.hexValue(base[at + index]) == nil {
                throw .syntax(.invalidEscape, offset: at)
            }
            return (at + 6, isCanonical && JSONString.isCanonicalEscape(base + at))
        default: throw .syntax(.invalidEscape, offset: at)
        }
    }

    /// Passes one character beyond ASCII: only the shortest form, no surrogates, nothing above U+10FFFF (RFC 3629).
    private static func scalarEnd(_ base: Bytes, _ end: Int, _ at: Int) throws(BodyError) -> Int {
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

    // MARK: Numbers

    @inline(__always)
    private static func digitsEnd(_ base: Bytes, _ end: Int, _ at: Int) -> Int {
        var position = at
        while position < end, base[position] &- 0x30 < 10 { position += 1 }
        return position
    }

    /// Whether the digits up to `digits` are all of a number, and canonical, as nearly all numbers are.
    @inline(__always)
    private static func isShortInteger(_ base: Bytes, _ end: Int, _ at: Int, _ digits: Int) -> Bool {
        let length = digits - at
        guard length > 0, length <= 15, digits < end, base[at] != 0x30 || length == 1 else { return false }
        return base[digits] != UInt8(ascii: ".") && base[digits] | 0x20 != UInt8(ascii: "e")
    }

    /// Passes the number that starts at `start`, of any form.
    @inline(never)
    private static func numberEnd(
        _ base: Bytes,
        _ end: Int,
        _ start: Int,
        _ isCanonical: Bool
    ) throws(BodyError) -> Position {
        func next(_ at: Int) -> UInt8 { at < end ? base[at] : 0 }
        func passDigits(_ at: Int) throws(BodyError) -> Int {
            let digits = digitsEnd(base, end, at)
            guard digits > at else { throw .syntax(at >= end ? .unexpectedEnd : .invalidNumber, offset: at) }
            return digits
        }
        let integer = base[start] == UInt8(ascii: "-") ? start + 1 : start
        var at = try passDigits(integer)
        if base[integer] == 0x30, at - integer > 1 { throw .syntax(.invalidNumber, offset: start) }
        if next(at) == UInt8(ascii: ".") { at = try passDigits(at + 1) }
        if next(at) | 0x20 == UInt8(ascii: "e") {
            let sign = next(at + 1)
            at = try passDigits(sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? at + 2 : at + 1)
        }
        let number = UnsafeBufferPointer(start: base + start, count: at - start)
        return (at, isCanonical && JSONNumber.isPlainlyCanonical(number))
    }
}
