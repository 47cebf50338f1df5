/// Why a JSON value has no canonical form. RFC 8785 is defined for I-JSON (RFC 7493) only, where numbers are IEEE 754
/// doubles, names are unique and strings are whole characters.
public enum CanonicalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A number beyond the range of a double.
    case numberOutOfRange
    /// A `\u` escape that means half a character.
    case loneSurrogate
    /// Two members of one name in an object.
    case duplicateName

    /// Half a sentence.
    public var description: String {
        switch self {
        case .numberOutOfRange: "a number is beyond the range of IEEE 754 doubles"
        case .loneSurrogate: "a string has an escape that is half a surrogate pair"
        case .duplicateName: "an object has two members of the same name"
        }
    }
}

/// The JSON Canonicalization Scheme, RFC 8785: one byte sequence for all spellings of a value.
///
/// Its memory is used again for each value.
public final class CanonicalForm {
    private var writer = CanonicalWriter()

    /// Makes a converter.
    public init() {}

    /// The canonical form of a value. The bytes are valid until the next call.
    /// - Parameter value: JSON that ``SaveBody/parse(_:)`` has accepted: its syntax and depth are not checked again.
    /// - Throws: ``CanonicalError`` where there is none.
    public func bytes(of value: UnsafeRawBufferPointer) throws(CanonicalError) -> UnsafeRawBufferPointer {
        try writer.write(value)
    }
}

/// Makes nothing of what it reads. What is spelled canonically is copied in runs that are as long as may be, in the order
/// of the text; the members of objects that are in another order are then put right where they lie in the output.
private struct CanonicalWriter: ~Copyable {
    /// One member of an object. Small, since sorting moves it about: a text is shorter than 4 GiB.
    private struct Member {
        /// Where it starts in the output, with its name's quote, and how long it is there.
        var start: UInt32
        var length: UInt32 = 0
        /// Where its name lies in the text, without quotes.
        var nameStart: UInt32
        var nameLength: UInt32
        /// The ``NameOrder`` key of the name as it is written.
        var key: UInt64
        /// Whether the name has escapes, which stand for other characters than they are written with.
        var hasEscape: Bool
    }

    private typealias Bytes = UnsafePointer<UInt8>

    private var output = ByteBuffer()
    private var scratch = ByteBuffer()
    /// Members of the objects that are being written, the innermost ones last.
    private var members = UnsafeMutablePointer<Member>.allocate(capacity: usualMembers)
    private var memberCount = 0
    private var memberCapacity = usualMembers
    private static let usualMembers = 1024
    /// The text, and from where on it is still to be copied.
    private var base = Bytes(bitPattern: 1)!
    private var end = 0
    private var run = 0

    deinit { members.deallocate() }

    mutating func write(_ value: UnsafeRawBufferPointer) throws(CanonicalError) -> UnsafeRawBufferPointer {
        guard let start = value.baseAddress else { return value }
        base = start.assumingMemoryBound(to: UInt8.self)
        end = value.count
        output.removeAll(reserving: value.count + value.count / 8)
        memberCount = 0
        run = 0
        let at = try passValue(passSpace(0))
        flush(at)
        return output.bytes
    }

    // MARK: Runs

    /// Where in the output the text at `at` goes.
    private func target(_ at: Int) -> Int { output.count + (at - run) }

    /// Copies what is left of the run, up to `at`.
    private mutating func flush(_ at: Int) {
        output.append(base + run, at - run)
        run = at
    }

    @inline(__always)
    private mutating func passSpace(_ at: Int) -> Int {
        guard at < end, base[at] <= 0x20 else { return at }
        flush(at)
        var at = at
        while at < end, base[at] <= 0x20 { at += 1 }
        run = at
        return at
    }

    /// Writes something else in place of the text up to `at`.
    private mutating func replace(from start: Int, to at: Int, by spelled: [UInt8]) {
        flush(start)
        output.append(spelled)
        run = at
    }

    // MARK: Values

    private mutating func passValue(_ at: Int) throws(CanonicalError) -> Int {
        switch base[at] {
        case UInt8(ascii: "{"): try passObject(at)
        case UInt8(ascii: "["): try passArray(at)
        case UInt8(ascii: "\""): try passString(at).next
        case UInt8(ascii: "t"), UInt8(ascii: "n"): at + 4
        case UInt8(ascii: "f"): at + 5
        default: try passNumber(at)
        }
    }

    private mutating func passArray(_ start: Int) throws(CanonicalError) -> Int {
        var at = passSpace(start + 1)
        if base[at] == UInt8(ascii: "]") { return at + 1 }
        while true {
            at = passSpace(try passValue(at))
            guard base[at] == UInt8(ascii: ",") else { return at + 1 }
            at = passSpace(at + 1)
        }
    }

    private mutating func passObject(_ start: Int) throws(CanonicalError) -> Int {
        var at = passSpace(start + 1)
        if base[at] == UInt8(ascii: "}") { return at + 1 }
        let first = memberCount
        var isSorted = true
        while true {
            let position = target(at)
            let name = try passString(at)
            let nameLength = name.next - at - 2
            let index = memberCount
            if index == memberCapacity { growMembers() }
            members[index] = Member(
                start: UInt32(truncatingIfNeeded: position),
                nameStart: UInt32(truncatingIfNeeded: at + 1),
                nameLength: UInt32(truncatingIfNeeded: nameLength),
                key: NameOrder.key(word(at + 1), length: nameLength),
                hasEscape: name.hasEscape
            )
            memberCount += 1
            if isSorted, index > first { isSorted = precedes(members[index - 1], members[index]) }
            at = passSpace(try passValue(passSpace(passSpace(name.next) + 1)))
            members[index].length = UInt32(truncatingIfNeeded: target(at) - position)
            guard base[at] == UInt8(ascii: ",") else { break }
            at = passSpace(at + 1)
        }
        if !isSorted {
            flush(at)
            try sort(from: first)
        }
        memberCount = first
        return at + 1
    }

    private mutating func growMembers() {
        let next = UnsafeMutablePointer<Member>.allocate(capacity: 2 * memberCapacity)
        next.moveInitialize(from: members, count: memberCount)
        members.deallocate()
        members = next
        memberCapacity *= 2
    }

    // MARK: Order

    /// Puts the members of the innermost object in order, which end where the output does.
    private mutating func sort(from first: Int) throws(CanonicalError) {
        let start = Int(members[first].start)
        sortMembers(from: first)
        scratch.removeAll(reserving: output.count - start)
        for index in first..<memberCount {
            if index > first {
                guard precedes(members[index - 1], members[index]) else { throw .duplicateName }
                scratch.append(UInt8(ascii: ","))
            }
            scratch.append(
                output.pointer + Int(members[index].start),
                Int(members[index].length),
                from: output
            )
        }
        output.replace(from: start, with: scratch)
    }

    private mutating func sortMembers(from first: Int) {
        let count = memberCount - first
        guard count <= 24 else {
            let text = base
            var range = UnsafeMutableBufferPointer(start: members + first, count: count)
            return range.sort { Self.precedes($0, $1, text) }
        }
        // Objects have a handful of members, for which nothing is faster.
        for index in (first + 1)..<memberCount {
            let member = members[index]
            var place = index
            while place > first, precedes(member, members[place - 1]) {
                members[place] = members[place - 1]
                place -= 1
            }
            members[place] = member
        }
    }

    private func precedes(_ one: Member, _ other: Member) -> Bool { Self.precedes(one, other, base) }

    /// Whether one name comes before another by UTF-16 code units, as RFC 8785 sorts (section 3.2.3).
    @inline(__always)
    private static func precedes(_ one: Member, _ other: Member, _ text: Bytes) -> Bool {
        if one.key != other.key, NameOrder.isDecisive(one.key, other.key), !one.hasEscape, !other.hasEscape {
            return one.key < other.key
        }
        return fullyPrecedes(one, other, text)
    }

    @inline(never)
    private static func fullyPrecedes(_ one: Member, _ other: Member, _ text: Bytes) -> Bool {
        let left = UnsafeBufferPointer(start: text + Int(one.nameStart), count: Int(one.nameLength))
        let right = UnsafeBufferPointer(start: text + Int(other.nameStart), count: Int(other.nameLength))
        guard one.hasEscape || other.hasEscape else { return JSONString.precedesInUTF16(left, right) }
        return unescaped(left).withUnsafeBufferPointer { left in
            unescaped(right).withUnsafeBufferPointer { right in JSONString.precedesInUTF16(left, right) }
        }
    }

    private static func unescaped(_ name: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        // Names are compared once they are written, and what cannot be unescaped cannot be written.
        try? JSONString.appendUnescaped(name, to: &result)
        return result
    }

    /// The eight bytes at a position, the first one lowest; as if NUL followed the last.
    @inline(__always)
    private func word(_ at: Int) -> UInt64 {
        guard at + 8 > end else { return UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self).littleEndian }
        return (at..<end).reversed().reduce(0) { $0 << 8 | UInt64(base[$1]) }
    }

    // MARK: Strings and numbers

    @inline(__always)
    private mutating func passString(_ start: Int) throws(CanonicalError) -> (next: Int, hasEscape: Bool) {
        let at = JSONString.endOfRun(base, end, start + 1)
        if base[at] == UInt8(ascii: "\"") { return (at + 1, false) }
        return (try passEscapedString(start, at), true)
    }

    /// Passes a string that has escapes, the first one at `escape`; rewrites it where one would be written otherwise.
    @inline(never)
    private mutating func passEscapedString(_ start: Int, _ escape: Int) throws(CanonicalError) -> Int {
        var at = escape
        var isCanonical = true
        while base[at] == UInt8(ascii: "\\") {
            isCanonical = isCanonical && JSONString.isCanonicalEscape(base + at)
            at = JSONString.endOfRun(base, end, at + 2)
        }
        at += 1
        guard !isCanonical else { return at }
        var text: [UInt8] = []
        try JSONString.appendUnescaped(UnsafeBufferPointer(start: base + start + 1, count: at - start - 2), to: &text)
        var spelled: [UInt8] = []
        text.withUnsafeBufferPointer { JSONString.appendCanonical($0, to: &spelled) }
        replace(from: start, to: at, by: spelled)
        return at
    }

    private mutating func passNumber(_ start: Int) throws(CanonicalError) -> Int {
        var at = start
        while at < end, base[at] &- 0x30 < 10 { at += 1 }
        // Integers of at most 15 digits are spelled one way only.
        if at - start <= 15, at == end || !JSONNumber.isPart(base[at]) { return at }
        while at < end, JSONNumber.isPart(base[at]) { at += 1 }
        let number = UnsafeBufferPointer(start: base + start, count: at - start)
        if JSONNumber.isPlainlyCanonical(number) { return at }
        var spelled: [UInt8] = []
        try JSONNumber.appendCanonical(number, to: &spelled)
        replace(from: start, to: at, by: spelled)
        return at
    }
}
