/// The one pass over a JSON text: it checks RFC 8259 to the letter, in UTF-8, and tells where each value ends.
///
/// It makes nothing of what it reads. On the way it notices whether the text is in its RFC 8785 form already, which
/// most dashboards are when they are saved again, so that no second form has to be made to hash it.
///
/// Every read is below ``end``: each loop compares before it loads.
struct JSONScanner {
    /// How deep objects and arrays may lie in each other.
    static let deepest = 128

    let base: UnsafePointer<UInt8>
    let end: Int
    private(set) var at = 0
    /// Cleared at the first thing that RFC 8785 would write otherwise. Now and then something that it would not is
    /// taken for such (escaped names, numbers of more than 15 digits or with an exponent), never the other way round.
    var isCanonical = true

    /// The bytes must stay where they are for as long as the scanner is used.
    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; nothing is read through this one then.
        base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress ?? UnsafePointer(bitPattern: 1)!
        end = bytes.count
    }

    // MARK: Between tokens

    /// The next byte; 0, which no rule accepts, at the end.
    var next: UInt8 { at < end ? base[at] : 0 }

    mutating func skipSpace() {
        guard at < end, base[at] <= 0x20 else { return }
        while at < end, base[at] == 0x20 || base[at] == 0x0A || base[at] == 0x0D || base[at] == 0x09 {
            at += 1
            isCanonical = false
        }
    }

    mutating func advance() { at += 1 }

    func error(_ reason: BodyError.Reason) -> BodyError {
        .syntax(at >= end ? .unexpectedEnd : reason, offset: at)
    }

    // MARK: Values

    /// Passes one value of any kind.
    /// - Parameter depth: how many objects and arrays it lies in.
    mutating func passValue(depth: Int) throws(BodyError) {
        switch next {
        case UInt8(ascii: "\""): try passString()
        case UInt8(ascii: "{"): try passObject(depth: depth + 1)
        case UInt8(ascii: "["): try passArray(depth: depth + 1)
        case UInt8(ascii: "-"), 0x30...0x39: try passNumber()
        case UInt8(ascii: "t"): try passLiteral("true")
        case UInt8(ascii: "f"): try passLiteral("false")
        case UInt8(ascii: "n"): try passLiteral("null")
        default: throw error(.unexpectedByte)
        }
    }

    private mutating func passObject(depth: Int) throws(BodyError) {
        guard depth <= Self.deepest else { throw .tooDeep(offset: at) }
        advance()
        skipSpace()
        if next == UInt8(ascii: "}") { return advance() }
        var previous: Range<Int>?
        while true {
            let name = try passName()
            if isCanonical {
                if let previous, !precedes(previous, name) { isCanonical = false }
                previous = name
            }
            try passValue(depth: depth)
            skipSpace()
            switch next {
            case UInt8(ascii: ","):
                advance()
                skipSpace()
            case UInt8(ascii: "}"): return advance()
            default: throw error(.expectedCommaOrEnd)
            }
        }
    }

    private mutating func passArray(depth: Int) throws(BodyError) {
        guard depth <= Self.deepest else { throw .tooDeep(offset: at) }
        advance()
        skipSpace()
        if next == UInt8(ascii: "]") { return advance() }
        while true {
            try passValue(depth: depth)
            skipSpace()
            switch next {
            case UInt8(ascii: ","):
                advance()
                skipSpace()
            case UInt8(ascii: "]"): return advance()
            default: throw error(.expectedCommaOrEnd)
            }
        }
    }

    /// Passes a member's name and the colon behind it.
    /// - Returns: where the name lies, without its quotes.
    mutating func passName() throws(BodyError) -> Range<Int> {
        guard next == UInt8(ascii: "\"") else { throw error(.expectedName) }
        let start = at + 1
        try passString()
        let name = start..<(at - 1)
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw error(.expectedColon) }
        advance()
        skipSpace()
        return name
    }

    private mutating func passLiteral(_ literal: StaticString) throws(BodyError) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard next == literal.utf8Start[index] else { throw error(.invalidLiteral) }
            advance()
        }
    }

    // MARK: Strings

    mutating func passString() throws(BodyError) {
        advance()
        while true {
            passPlain()
            guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
            switch base[at] {
            case UInt8(ascii: "\""): return advance()
            case UInt8(ascii: "\\"): try passEscape()
            case 0..<0x20: throw .syntax(.controlCharacter, offset: at)
            default: try passScalar()
            }
        }
    }

    /// Passes ASCII characters that need no look, eight at a time.
    private mutating func passPlain() {
        var position = at
        while position + 8 <= end {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian
            let special = Self.specialBytes(word)
            if special != 0 {
                at = position + special.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
        while position < end {
            let byte = base[position]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            position += 1
        }
        at = position
    }

    /// Has the top bit set in the lowest byte of `word` that is a quote, a backslash, a control character or not
    /// ASCII; 0 where there is none. Bits above the lowest that is set mean nothing, since a borrow may have got there.
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let isQuote = (quote &- ones) & ~quote
        let isBackslash = (backslash &- ones) & ~backslash
        let isControl = (word &- ones &* 0x20) & ~word
        return (isQuote | isBackslash | isControl | word) & tops
    }

    private mutating func passEscape() throws(BodyError) {
        guard at + 1 < end else { throw .syntax(.unexpectedEnd, offset: end) }
        switch base[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        case UInt8(ascii: "/"):
            isCanonical = false
            at += 2
        case UInt8(ascii: "u"):
            guard at + 6 <= end else { throw .syntax(.unexpectedEnd, offset: end) }
            for index in 2..<6 where JSONString.hexValue(base[at + index]) == nil {
                throw .syntax(.invalidEscape, offset: at)
            }
            if !isCanonicalUnicodeEscape() { isCanonical = false }
            at += 6
        default: throw .syntax(.invalidEscape, offset: at)
        }
    }

    /// `\u00xx` in lowercase, of a control character that has no short escape.
    private func isCanonicalUnicodeEscape() -> Bool {
        guard base[at + 2] == 0x30, base[at + 3] == 0x30, base[at + 4] == 0x30 || base[at + 4] == 0x31,
            let low = JSONString.hexValue(base[at + 5]), base[at + 5] | 0x20 == base[at + 5]
        else { return false }
        let value = (base[at + 4] - 0x30) << 4 | UInt8(low)
        return JSONString.shortEscape(value) == nil
    }

    /// Passes one character beyond ASCII: only the shortest form, no surrogates, nothing above U+10FFFF (RFC 3629).
    private mutating func passScalar() throws(BodyError) {
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
        at += length
    }

    /// Whether the name at `one` comes before the one at `other`, by UTF-16 code units. Names with escapes are said
    /// not to.
    private func precedes(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        let left = UnsafeBufferPointer(start: base + one.lowerBound, count: one.count)
        let right = UnsafeBufferPointer(start: base + other.lowerBound, count: other.count)
        guard !left.contains(UInt8(ascii: "\\")), !right.contains(UInt8(ascii: "\\")) else { return false }
        return JSONString.precedesInUTF16(left, right)
    }

    // MARK: Numbers

    private mutating func passNumber() throws(BodyError) {
        let start = at
        if next == UInt8(ascii: "-") { advance() }
        let integer = at
        try passDigits()
        let integerLength = at - integer
        if base[integer] == 0x30, integerLength > 1 { throw .syntax(.invalidNumber, offset: start) }
        var significant = base[integer] == 0x30 ? 0 : integerLength
        if next == UInt8(ascii: ".") {
            advance()
            let fraction = at
            try passDigits()
            if isCanonical {
                let zeros = significant > 0 ? 0 : leadingZeros(fraction..<at)
                significant += at - fraction - zeros
                if base[at - 1] == 0x30 || zeros > 5 { isCanonical = false }
            }
        } else if significant == 0, integer > start {
            isCanonical = false  // -0
        }
        if significant > 15 { isCanonical = false }
        if next | 0x20 == UInt8(ascii: "e") {
            isCanonical = false
            advance()
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { advance() }
            try passDigits()
        }
    }

    private mutating func passDigits() throws(BodyError) {
        guard (0x30...0x39).contains(next) else { throw error(.invalidNumber) }
        repeat { at += 1 } while at < end && (0x30...0x39).contains(base[at])
    }

    private func leadingZeros(_ digits: Range<Int>) -> Int {
        digits.firstIndex { base[$0] != 0x30 }.map { digits.distance(from: digits.startIndex, to: $0) } ?? digits.count
    }
}
