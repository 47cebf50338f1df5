/// The one pass over a JSON text: it checks RFC 8259 to the letter, in UTF-8, and tells where each value ends.
///
/// It makes nothing of what it reads; a ``ScanRecorder`` may. On the way it notices whether the text is in its RFC 8785
/// form already, so that no second form has to be made to hash it.
///
/// Every read is below ``end``: each loop compares before it loads.
package struct JSONScanner: ~Copyable {
    /// How deep objects and arrays may lie in each other.
    package static let deepest = 128

    package let base: UnsafePointer<UInt8>
    package let end: Int
    package private(set) var at = 0
    /// Cleared at the first thing that RFC 8785 would write otherwise. Now and then something that it would not is
    /// taken for such (escaped names, numbers of more than 15 digits or with an exponent), never the other way round.
    package private(set) var isCanonical = true

    private let levels = UnsafeMutablePointer<Level>.allocate(capacity: deepest)

    typealias Text = UnsafePointer<UInt8>
    /// Where a scan has come to, and whether all was canonical up to there.
    typealias Position = (at: Int, isCanonical: Bool)

    /// The bytes must stay where they are for as long as the scanner is used.
    package init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; nothing is read through this one then.
        base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress ?? UnsafePointer(bitPattern: 1)!
        end = bytes.count
    }

    deinit { levels.deallocate() }

    // MARK: Between tokens

    /// The next byte; 0, which no rule accepts, at the end.
    package var next: UInt8 { at < end ? base[at] : 0 }

    /// Goes to the first byte of the text's value.
    package mutating func start() throws(JSONError) {
        skipSpace()
        guard at < end else { throw .syntax(.empty, offset: 0) }
        guard next != 0xEF else { throw .syntax(.byteOrderMark, offset: at) }
    }

    /// Makes sure that nothing follows.
    package mutating func finish() throws(JSONError) {
        skipSpace()
        guard at == end else { throw .syntax(.trailingBytes, offset: at) }
    }

    package mutating func skipSpace() {
        var recorder = NoRecorder()
        (at, isCanonical) = Self.spaceEnd(base, end, at, isCanonical, &recorder)
    }

    /// Goes to the start of a value, if need be once more, to learn whether that is canonical.
    package mutating func begin(at start: Int) {
        at = start
        isCanonical = true
    }

    package mutating func advance() { at += 1 }

    package func error(_ reason: JSONError.Reason) -> JSONError {
        .syntax(at >= end ? .unexpectedEnd : reason, offset: at)
    }

    // MARK: Values

    /// Passes one value of any kind.
    /// - Parameter depth: how many objects and arrays it lies in.
    package mutating func passValue(depth: Int) throws(JSONError) {
        var recorder = NoRecorder()
        try passValue(depth: depth, &recorder)
    }

    /// Passes one value of any kind, or a part of it in which something is not canonical: ``isCanonical`` tells which.
    /// - Parameter depth: how many objects and arrays it lies in.
    package mutating func passValueWhileCanonical(depth: Int) throws(JSONError) {
        var check = CanonicalityCheck()
        try passValue(depth: depth, &check)
    }

    /// Passes one value of any kind, and has it recorded.
    mutating func passValue<R: ScanRecorder & ~Copyable>(depth: Int, _ recorder: inout R) throws(JSONError) {
        try passValue(depth, levels, &recorder)
    }

    /// Passes a member's name and the colon behind it.
    /// - Returns: where the name lies, without its quotes.
    package mutating func passName() throws(JSONError) -> Range<Int> {
        let start = at + 1
        var recorder = NoRecorder()
        let name = try Self.nameEnd(base, end, at, isCanonical, &recorder)
        (at, isCanonical) = name.position
        return start..<name.quote
    }

    /// An object or array that is being passed.
    struct Level {
        var isObject: Bool
        /// Where its latest name lies, without the quotes; at 0 before the first.
        var nameStart = 0
        var nameLength = 0
        /// The ``NameOrder`` key of that name; 0, which comes before all others, before the first.
        var key: UInt64 = 0
    }

    /// One loop over all that lies in a value, with all that it needs in local variables: this is where a large save
    /// spends its time. What is rare is left to functions that are not inlined.
    private mutating func passValue<R: ScanRecorder & ~Copyable>(
        _ outside: Int,
        _ levels: UnsafeMutablePointer<Level>,
        _ recorder: inout R
    ) throws(JSONError) {
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
                (at, isCanonical) = try Self.stringEnd(base, end, at, isCanonical, &recorder).position
            case 0x30...0x39, UInt8(ascii: "-"):
                let digits = Self.digitsEnd(base, end, at)
                if Self.isShortInteger(base, end, at, digits) {
                    at = digits
                } else {
                    (at, isCanonical) = try Self.numberEnd(base, end, at, isCanonical, &recorder)
                }
            case UInt8(ascii: "{"):
                guard depth < Self.deepest else { throw .tooDeep(offset: at) }
                (at, isCanonical) = Self.spaceEnd(base, end, at + 1, isCanonical, &recorder)
                if at < end, base[at] == UInt8(ascii: "}") {
                    at += 1
                } else {
                    levels[depth] = level
                    depth += 1
                    level = Level(isObject: true)
                    recorder.beginObject()
                    (at, isCanonical) = try Self.memberStart(base, end, at, isCanonical, &level, &recorder)
                    continue values
                }
            case UInt8(ascii: "["):
                guard depth < Self.deepest else { throw .tooDeep(offset: at) }
                (at, isCanonical) = Self.spaceEnd(base, end, at + 1, isCanonical, &recorder)
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
                (at, isCanonical) = Self.spaceEnd(base, end, at, isCanonical, &recorder)
                guard at < end else { throw .syntax(.unexpectedEnd, offset: at) }
                if base[at] == UInt8(ascii: ",") {
                    (at, isCanonical) = Self.spaceEnd(base, end, at + 1, isCanonical, &recorder)
                    if level.isObject {
                        (at, isCanonical) = try Self.memberStart(base, end, at, isCanonical, &level, &recorder)
                        if R.stopsWhereNotCanonical, !isCanonical { return }
                    }
                    continue values
                }
                guard base[at] == (level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw .syntax(.expectedCommaOrEnd, offset: at)
                }
                if level.isObject { recorder.endObject(at: at) }
                at += 1
                depth -= 1
                level = levels[depth]
            }
        }
    }

    /// Where the next byte is that is no white space.
    @inline(__always)
    static func spaceEnd<R: ScanRecorder & ~Copyable>(
        _ base: Text,
        _ end: Int,
        _ at: Int,
        _ isCanonical: Bool,
        _ recorder: inout R
    ) -> Position {
        guard at < end, base[at] <= 0x20 else { return (at, isCanonical) }
        let next = longSpaceEnd(base, end, at)
        guard next > at else { return (at, isCanonical) }
        recorder.passedSpace(from: at, to: next)
        return (next, false)
    }

    @inline(never)
    private static func longSpaceEnd(_ base: Text, _ end: Int, _ at: Int) -> Int {
        var position = at
        while position < end, [0x20, 0x0A, 0x0D, 0x09].contains(base[position]) { position += 1 }
        return position
    }

    private static func literalEnd(
        _ base: Text,
        _ end: Int,
        _ at: Int,
        _ literal: StaticString
    ) throws(JSONError) -> Int {
        for index in 0..<literal.utf8CodeUnitCount {
            guard at + index < end else { throw .syntax(.unexpectedEnd, offset: end) }
            guard base[at + index] == literal.utf8Start[index] else {
                throw .syntax(.invalidLiteral, offset: at + index)
            }
        }
        return at + literal.utf8CodeUnitCount
    }
}
