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
        /// Where it starts in the output, with its name's quote. The next one starts behind it and a comma.
        var start: UInt32
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
    /// The sorted order of the object at hand; there is room for as many as there is for members.
    private var order = UnsafeMutablePointer<Place>.allocate(capacity: usualMembers)
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
        let at = try passValue(passSpace(base, end, 0))
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
    private mutating func passSpace(_ base: Bytes, _ end: Int, _ at: Int) -> Int {
        guard at < end, base[at] <= 0x20 else { return at }
        return passLongSpace(at)
    }

    @inline(never)
    private mutating func passLongSpace(_ at: Int) -> Int {
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
        /// The ``NameOrder`` key of the latest name; 0 before the first.
        var key: UInt64 = 0

        var isObject: Bool { first >= 0 }
    }

    /// One loop over all that lies in a value, as it has at most ``JSONScanner/deepest`` levels.
    private mutating func passValue(_ start: Int) throws(CanonicalError) -> Int {
        let (base, end) = (base, end)
        var at = start
        var depth = 0
        var level = Level()

        values: while true {
            switch base[at] {
            case UInt8(ascii: "\""): at = try passString(base, end, at).next
            case UInt8(ascii: "{"):
                at = passSpace(base, end, at + 1)
                if base[at] == UInt8(ascii: "}") {
                    at += 1
                } else {
                    levels[depth] = level
                    depth += 1
                    level = Level(first: memberCount)
                    at = try beginMember(base, end, at, &level)
                    continue values
                }
            case UInt8(ascii: "["):
                at = passSpace(base, end, at + 1)
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
                let digits = Self.digitsEnd(base, end, at)
                // Integers of at most 15 digits are spelled one way only.
                if digits - at <= 15, digits == end || !JSONNumber.isPart(base[digits]) {
                    at = digits
                } else {
                    at = try passNumber(at)
                }
            }
            // Behind a value.
            while depth > 0 {
                at = passSpace(base, end, at)
                if base[at] == UInt8(ascii: ",") {
                    at = passSpace(base, end, at + 1)
                    if level.isObject { at = try beginMember(base, end, at, &level) }
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
    private mutating func beginMember(
        _ base: Bytes,
        _ end: Int,
        _ at: Int,
        _ level: inout Level
    ) throws(CanonicalError) -> Int {
        // Most names are shorter than eight bytes, and then one look finds their end and their order.
        if at + 10 <= end {
            let word = UnsafeRawPointer(base + at + 1).loadUnaligned(as: UInt64.self).littleEndian
            let special = JSONString.quotesAndBackslashes(word)
            let length = special.trailingZeroBitCount / 8
            if special != 0, base[at + 1 + length] == UInt8(ascii: "\""), base[at + 2 + length] == UInt8(ascii: ":") {
                addMember(at, from: target(at), length, NameOrder.key(word, length: length), hasEscape: false, &level)
                return passSpace(base, end, at + 3 + length)
            }
        }
        return try beginLongMember(at, &level)
    }

    @inline(never)
    private mutating func beginLongMember(_ at: Int, _ level: inout Level) throws(CanonicalError) -> Int {
        // Passing the name may write it, and so move where the output ends.
        let start = target(at)
        let name = try passString(base, end, at)
        let length = name.next - at - 2
        let key = NameOrder.key(word(at + 1), length: length)
        addMember(at, from: start, length, key, hasEscape: name.hasEscape, &level)
        if name.hasEscape { hasEscapedNames = true }
        return passSpace(base, end, passSpace(base, end, name.next) + 1)
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
        if level.isSorted, index > level.first {
            let isDecided = key != level.key && NameOrder.isDecisive(key, level.key) && !hasEscapedNames && !hasEscape
            level.isSorted = isDecided ? level.key < key : fullyPrecedes(members[index - 1], members[index])
        }
        level.key = key
    }

    private mutating func growMembers() {
        let next = UnsafeMutablePointer<Member>.allocate(capacity: 2 * memberCapacity)
        next.moveInitialize(from: members, count: memberCount)
        members.deallocate()
        members = next
        order.deallocate()
        order = .allocate(capacity: 2 * memberCapacity)
        memberCapacity *= 2
    }

    // MARK: Order

    /// Puts the members of the innermost object in order, which end where the output does.
    private mutating func sort(from first: Int) throws(CanonicalError) {
        let count = memberCount - first
        if count <= Self.fewMembers { sortFew(from: first) } else { sortMany(from: first) }
        for place in 1..<count where !precedes(order[place - 1], order[place]) { throw .duplicateName }

        let start = Int(members[first].start)
        // As if one more followed the last.
        let end = UInt32(truncatingIfNeeded: output.count + 1)
        scratch.removeAll(reserving: output.count - start)
        for place in 0..<count {
            let index = Int(order[place].index)
            let member = members[index].start
            let next = index + 1 < memberCount ? members[index + 1].start : end
            if place > 0 { scratch.append(UInt8(ascii: ",")) }
            scratch.append(padded: output.pointer + Int(member), Int(next - member - 1))
        }
        output.replace(from: start, with: scratch)
    }

    /// Finds the ``order`` of a handful of members, as most objects have, by insertion.
    private mutating func sortFew(from first: Int) {
        let order = order
        for index in first..<memberCount {
            let member = place(index)
            var place = index - first
            while place > 0, precedes(member, order[place - 1]) {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = member
        }
    }

    private mutating func sortMany(from first: Int) {
        for index in first..<memberCount { order[index - first] = place(index) }
        var range = UnsafeMutableBufferPointer(start: order, count: memberCount - first)
        let (members, text, hasEscapedNames) = (members, base, hasEscapedNames)
        range.sort { Self.precedes($0, $1, members, text, hasEscapedNames) }
    }

    @inline(__always)
    private func place(_ index: Int) -> Place {
        Place(key: members[index].key, index: UInt32(truncatingIfNeeded: index))
    }

    @inline(__always)
    private func precedes(_ one: Place, _ other: Place) -> Bool {
        Self.precedes(one, other, members, base, hasEscapedNames)
    }

    /// Whether one name comes before another by UTF-16 code units, as RFC 8785 sorts (section 3.2.3).
    @inline(__always)
    private static func precedes(
        _ one: Place,
        _ other: Place,
        _ members: UnsafeMutablePointer<Member>,
        _ text: Bytes,
        _ hasEscapedNames: Bool
    ) -> Bool {
        if one.key != other.key, NameOrder.isDecisive(one.key, other.key), !hasEscapedNames {
            return one.key < other.key
        }
        return fullyPrecedes(members[Int(one.index)], members[Int(other.index)], text)
    }

    private func fullyPrecedes(_ one: Member, _ other: Member) -> Bool { Self.fullyPrecedes(one, other, base) }

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
    private mutating func passString(
        _ base: Bytes,
        _ end: Int,
        _ start: Int
    ) throws(CanonicalError) -> (next: Int, hasEscape: Bool) {
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
    private static func digitsEnd(_ base: Bytes, _ end: Int, _ start: Int) -> Int {
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
