import Bytes

/// Makes the canonical form of a value that is being passed.
///
/// What is spelled canonically is copied in runs that are as long as may be, in the order of the text; the members of
/// objects that are in another order are then put right where they lie in the output.
struct CanonicalRecorder: ScanRecorder, ~Copyable {
    static var stopsWhereNotCanonical: Bool { false }

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

    /// An object that is being passed.
    private struct Level {
        /// Where its members begin in ``members``.
        var first: Int
        var isSorted: Bool
    }

    private typealias Text = UnsafePointer<UInt8>

    /// What was made, up to the run that is not copied yet.
    private(set) var output = ByteBuffer()
    /// Why there is no canonical form, once that is known. What is made from then on means nothing.
    private(set) var failure: CanonicalError?
    private var scratch = ByteBuffer()
    /// Members of the objects that are being passed, the innermost ones last.
    private var members = UnsafeMutablePointer<Member>.allocate(capacity: usualMembers)
    private var memberCount = 0
    private var memberCapacity = usualMembers
    /// Room for members that there is to begin with, and how much is kept at most for the next value.
    private static let usualMembers = 1024
    private static let mostKept = 16 * usualMembers
    /// The sorted order of the object at hand; there is room for as many as there is for members.
    private var order = UnsafeMutablePointer<Place>.allocate(capacity: usualMembers)
    private static let fewMembers = 24
    /// Whether any name that was passed has escapes.
    private var hasEscapedNames = false
    /// The innermost object, and those that it lies in.
    private var level = Level(first: 0, isSorted: true)
    private var depth = 0
    private let levels = UnsafeMutablePointer<Level>.allocate(capacity: JSONScanner.deepest)
    /// The text, and from where on it is still to be copied.
    private var base = Text(bitPattern: 1)!
    private var end = 0
    private var run = 0

    deinit {
        members.deallocate()
        order.deallocate()
        levels.deallocate()
    }

    /// Starts with the value at `start`, forgetting the one before.
    mutating func begin(_ base: UnsafePointer<UInt8>, end: Int, at start: Int) {
        self.base = base
        self.end = end
        output.removeAll(reserving: (end - start) + (end - start) / 8)
        failure = nil
        memberCount = 0
        if memberCapacity > Self.mostKept { replaceMembers(capacity: Self.usualMembers) }
        hasEscapedNames = false
        depth = 0
        run = start
    }

    /// Ends with the value's last byte before `position`.
    mutating func finish(at position: Int) { flush(position) }

    mutating func fail(_ error: CanonicalError) {
        if failure == nil { failure = error }
    }

    // MARK: Runs

    /// Copies what is left of the run, up to `position`.
    private mutating func flush(_ position: Int) {
        if run + ByteBuffer.slack <= end {
            output.append(padded: base + run, position - run)
        } else {
            output.append(base + run, position - run)
        }
        run = position
    }

    mutating func passedSpace(from start: Int, to end: Int) {
        flush(start)
        run = end
    }

    mutating func passedString(from start: Int, to end: Int) {
        let text = UnsafeBufferPointer(start: base + start + 1, count: end - start - 2)
        var meaning: [UInt8] = []
        var spelled: [UInt8] = []
        do throws(CanonicalError) {
            try JSONString.appendUnescaped(text, to: &meaning)
        } catch { return fail(error) }
        meaning.withUnsafeBufferPointer { spelled.append(quoted: $0) }
        replace(from: start, to: end, by: spelled)
    }

    mutating func passedNumber(from start: Int, to end: Int) {
        var spelled: [UInt8] = []
        do throws(CanonicalError) {
            try JSONNumber.appendCanonical(UnsafeBufferPointer(start: base + start, count: end - start), to: &spelled)
        } catch { return fail(error) }
        replace(from: start, to: end, by: spelled)
    }

    private mutating func replace(from start: Int, to end: Int, by spelled: [UInt8]) {
        flush(start)
        output.append(spelled)
        run = end
    }

    // MARK: Objects

    @inline(__always)
    mutating func beginObject() {
        levels[depth] = level
        depth += 1
        level = Level(first: memberCount, isSorted: true)
    }

    @inline(__always)
    func mark(_ position: Int) -> Int { output.count + (position - run) }

    @inline(__always)
    mutating func passedName(_ name: ScannedName, mark: Int, isInOrder: Bool) {
        let index = memberCount
        if index == memberCapacity { replaceMembers(capacity: 2 * memberCapacity) }
        members[index] = Member(
            start: UInt32(truncatingIfNeeded: mark),
            nameStart: UInt32(truncatingIfNeeded: name.start),
            nameLength: UInt32(truncatingIfNeeded: name.length),
            key: name.key,
            hasEscape: name.hasEscape
        )
        memberCount = index + 1
        if !isInOrder { level.isSorted = false }
        if name.hasEscape {
            hasEscapedNames = true
            level.isSorted = false
        }
    }

    private mutating func replaceMembers(capacity: Int) {
        let next = UnsafeMutablePointer<Member>.allocate(capacity: capacity)
        next.moveInitialize(from: members, count: memberCount)
        members.deallocate()
        members = next
        order.deallocate()
        order = .allocate(capacity: capacity)
        memberCapacity = capacity
    }

    @inline(__always)
    mutating func endObject(at position: Int) {
        if !level.isSorted {
            flush(position)
            sort(from: level.first)
        }
        memberCount = level.first
        depth -= 1
        level = levels[depth]
    }

    // MARK: Order

    /// Puts the members of the innermost object in order, which end where the output does.
    private mutating func sort(from first: Int) {
        let count = memberCount - first
        if count <= Self.fewMembers { sortFew(from: first) } else { sortMany(from: first) }
        for place in 1..<count where !precedes(order[place - 1], order[place]) { return fail(.duplicateName) }

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
        _ text: Text,
        _ hasEscapedNames: Bool
    ) -> Bool {
        if one.key != other.key, NameOrder.isDecisive(one.key, other.key), !hasEscapedNames {
            return one.key < other.key
        }
        return fullyPrecedes(members[Int(one.index)], members[Int(other.index)], text)
    }

    private func fullyPrecedes(_ one: Member, _ other: Member) -> Bool { Self.fullyPrecedes(one, other, base) }

    @inline(never)
    private static func fullyPrecedes(_ one: Member, _ other: Member, _ text: Text) -> Bool {
        let left = UnsafeBufferPointer(start: text + Int(one.nameStart), count: Int(one.nameLength))
        let right = UnsafeBufferPointer(start: text + Int(other.nameStart), count: Int(other.nameLength))
        guard one.hasEscape || other.hasEscape else { return JSONString.precedesInUTF16(left, right) }
        return unescaped(left).withUnsafeBufferPointer { left in
            unescaped(right).withUnsafeBufferPointer { right in JSONString.precedesInUTF16(left, right) }
        }
    }

    private static func unescaped(_ name: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        // What cannot be unescaped has no form anyway.
        try? JSONString.appendUnescaped(name, to: &result)
        return result
    }
}
