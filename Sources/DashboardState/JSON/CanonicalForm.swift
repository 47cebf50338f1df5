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

    /// A member's place among those of its object.
    private struct Place {
        var key: UInt64
        /// Of the member.
        var index: UInt32
    }

    private typealias Bytes = UnsafePointer<UInt8>

    private var output = ByteBuffer()
    private var scratch = ByteBuffer()
    /// Members of the objects that are being written, the innermost ones last.
    private var members = UnsafeMutablePointer<Member>.allocate(capacity: usualMembers)
    private var memberCount = 0
    private var memberCapacity = usualMembers
    private static let usualMembers = 1024
    /// The sorted order of the object at hand, where that has few members.
    private let order = UnsafeMutablePointer<Place>.allocate(capacity: fewMembers)
    private static let fewMembers = 24
    /// Whether any name that was passed has escapes.
    private var hasEscapedNames = false
    private let levels = UnsafeMutablePointer<Level>.allocate(capacity: JSONScanner.deepest)
    /// The text, and from where on it is still to be copied.
    private var base = Bytes(bitPattern: 1)!
    private var end = 0
    private var run = 0

    deinit {
        members.deallocate()
        order.deallocate()
        levels.deallocate()
    }

    mutating func write(_ value: UnsafeRawBufferPointer) throws(CanonicalError) -> UnsafeRawBufferPointer {
        guard let start = value.baseAddress else { return value }
        base = start.assumingMemoryBound(to: UInt8.self)
        end = value.count
        output.removeAll(reserving: value.count + value.count / 8)
        memberCount = 0
        hasEscapedNames = false
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
        if run + ByteBuffer.slack <= end {
            output.append(padded: base + run, at - run)
        } else {
            output.append(base + run, at - run)
        }
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

    /// An object or array that is being passed.
    private struct Level {
        /// Where the object's members begin in ``members``; nothing of an array.
        var first = -1
        var isSorted = true

        var isObject: Bool { first >= 0 }
    }

    /// One loop over all that lies in a value, as it has at most ``JSONScanner/deepest`` levels.
    private mutating func passValue(_ start: Int) throws(CanonicalError) -> Int {
        let base = base
        var at = start
        var depth = 0
        var level = Level()

        values: while true {
            switch base[at] {
            case UInt8(ascii: "\""): at = try passString(at).next
            case UInt8(ascii: "{"):
                at = passSpace(at + 1)
                if base[at] == UInt8(ascii: "}") {
                    at += 1
                } else {
                    levels[depth] = level
                    depth += 1
                    level = Level(first: memberCount)
                    at = try beginMember(at, &level)
                    continue values
                }
            case UInt8(ascii: "["):
                at = passSpace(at + 1)
                if base[at] == UInt8(ascii: "]") {
                    at += 1
                } else {
                    levels[depth] = level
                    depth += 1
                    level = Level()
                    continue values
                }
            case UInt8(ascii: "t"), UInt8(ascii: "n"): at += 4
            case UInt8(ascii: "f"): at += 5
            default:
                let digits = digitsEnd(at)
                // Integers of at most 15 digits are spelled one way only.
                if digits - at <= 15, digits == end || !JSONNumber.isPart(base[digits]) {
                    at = digits
                } else {
                    at = try passNumber(at)
                }
            }
            // Behind a value.
            while depth > 0 {
                at = passSpace(at)
                if level.isObject {
                    // Those of objects within are gone again, so the last is the one whose value this was.
                    let last = memberCount - 1
                    members[last].length = UInt32(truncatingIfNeeded: target(at)) &- members[last].start
                }
                if base[at] == UInt8(ascii: ",") {
                    at = passSpace(at + 1)
                    if level.isObject { at = try beginMember(at, &level) }
                    continue values
                }
                if level.isObject {
                    if !level.isSorted {
                        flush(at)
                        try sort(from: level.first)
                    }
                    memberCount = level.first
                }
                at += 1
                depth -= 1
                level = levels[depth]
            }
            return at
        }
    }

    /// Passes a member's name and the colon.
    @inline(__always)
    private mutating func beginMember(_ at: Int, _ level: inout Level) throws(CanonicalError) -> Int {
        // Most names are shorter than eight bytes, and then one look finds their end and their order.
        if at + 10 <= end {
            let word = UnsafeRawPointer(base + at + 1).loadUnaligned(as: UInt64.self).littleEndian
            let special = JSONString.quotesAndBackslashes(word)
            let length = special.trailingZeroBitCount / 8
            if special != 0, base[at + 1 + length] == UInt8(ascii: "\""), base[at + 2 + length] == UInt8(ascii: ":") {
                addMember(at, from: target(at), length, NameOrder.key(word, length: length), hasEscape: false, &level)
                return passSpace(at + 3 + length)
            }
        }
        return try beginLongMember(at, &level)
    }

    @inline(never)
    private mutating func beginLongMember(_ at: Int, _ level: inout Level) throws(CanonicalError) -> Int {
        // Passing the name may write it, and so move where the output ends.
        let start = target(at)
        let name = try passString(at)
        let length = name.next - at - 2
        let key = NameOrder.key(word(at + 1), length: length)
        addMember(at, from: start, length, key, hasEscape: name.hasEscape, &level)
        if name.hasEscape { hasEscapedNames = true }
        return passSpace(passSpace(name.next) + 1)
    }

    @inline(__always)
    private mutating func addMember(
        _ at: Int,
        from start: Int,
        _ length: Int,
        _ key: UInt64,
        hasEscape: Bool,
        _ level: inout Level
    ) {
        let index = memberCount
        if index == memberCapacity { growMembers() }
        members[index] = Member(
            start: UInt32(truncatingIfNeeded: start),
            nameStart: UInt32(truncatingIfNeeded: at + 1),
            nameLength: UInt32(truncatingIfNeeded: length),
            key: key,
            hasEscape: hasEscape
        )
        memberCount = index + 1
        if level.isSorted, index > level.first { level.isSorted = precedes(members[index - 1], members[index]) }
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
        scratch.removeAll(reserving: output.count - start)
        if memberCount - first <= Self.fewMembers {
            try sortFew(from: first)
            for place in 0..<(memberCount - first) {
                appendSorted(members[Int(order[place].index)], isFirst: place == 0)
            }
        } else {
            try sortMany(from: first)
            for index in first..<memberCount { appendSorted(members[index], isFirst: index == first) }
        }
        output.replace(from: start, with: scratch)
    }

    @inline(__always)
    private mutating func appendSorted(_ member: Member, isFirst: Bool) {
        if !isFirst { scratch.append(UInt8(ascii: ",")) }
        scratch.append(padded: output.pointer + Int(member.start), Int(member.length))
    }

    /// Finds the ``order`` of a handful of members, as most objects have, by insertion.
    private mutating func sortFew(from first: Int) throws(CanonicalError) {
        let order = order
        order[0] = Place(key: members[first].key, index: UInt32(truncatingIfNeeded: first))
        for index in (first + 1)..<memberCount {
            let member = Place(key: members[index].key, index: UInt32(truncatingIfNeeded: index))
            var place = index - first
            while place > 0, precedes(member, order[place - 1]) {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = member
            // Two of one name meet here, and neither comes first.
            guard place == 0 || precedes(order[place - 1], member) else { throw .duplicateName }
        }
    }

    @inline(__always)
    private func precedes(_ one: Place, _ other: Place) -> Bool {
        if one.key != other.key, NameOrder.isDecisive(one.key, other.key), !hasEscapedNames {
            return one.key < other.key
        }
        return precedes(members[Int(one.index)], members[Int(other.index)])
    }

    private mutating func sortMany(from first: Int) throws(CanonicalError) {
        let text = base
        var range = UnsafeMutableBufferPointer(start: members + first, count: memberCount - first)
        range.sort { Self.precedes($0, $1, text) }
        for index in (first + 1)..<memberCount where !precedes(members[index - 1], members[index]) {
            throw .duplicateName
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

    @inline(__always)
    private func digitsEnd(_ start: Int) -> Int {
        var at = start
        while at < end, base[at] &- 0x30 < 10 { at += 1 }
        return at
    }

    /// Passes a number of any form; rewrites it where it would be written otherwise.
    @inline(never)
    private mutating func passNumber(_ start: Int) throws(CanonicalError) -> Int {
        var at = start
        while at < end, JSONNumber.isPart(base[at]) { at += 1 }
        let number = UnsafeBufferPointer(start: base + start, count: at - start)
        if JSONNumber.isPlainlyCanonical(number) { return at }
        var spelled: [UInt8] = []
        try JSONNumber.appendCanonical(number, to: &spelled)
        replace(from: start, to: at, by: spelled)
        return at
    }
}
