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
/// It makes nothing of what it reads: members are written in the order of the text, and then their bytes are put in
/// order; what is canonical already is copied in runs. Its memory is used again for each value.
public final class CanonicalForm {
    /// One member of an object, in the output.
    private struct Member {
        /// Where it starts, with its name's quote.
        var start: Int
        /// Of the name as it is written, without quotes.
        var nameLength: Int
        /// Of all of it.
        var length: Int
        /// The ``NameOrder`` key of the name.
        var key: UInt64
        /// Whether the name has escapes, which stand for other characters than they are written with.
        var hasEscape: Bool
    }

    private var output = ByteBuffer()
    private var scratch = ByteBuffer()
    /// Members of the objects that are being written, the innermost ones last.
    private var members: [Member] = []
    /// What is being read.
    private var base = UnsafePointer<UInt8>(bitPattern: 1)!
    private var end = 0
    private var at = 0

    /// Makes a converter.
    public init() {}

    /// The canonical form of a value. The bytes are valid until the next call.
    /// - Parameter value: JSON that ``SaveBody/parse(_:)`` has accepted: its syntax and depth are not checked again.
    /// - Throws: ``CanonicalError`` where there is none.
    public func bytes(of value: UnsafeRawBufferPointer) throws(CanonicalError) -> UnsafeRawBufferPointer {
        guard let start = value.baseAddress else { return value }
        base = start.assumingMemoryBound(to: UInt8.self)
        end = value.count
        at = 0
        output.removeAll(reserving: value.count + value.count / 8)
        members.removeAll(keepingCapacity: true)
        skipSpace()
        try writeValue()
        return output.bytes
    }

    private func skipSpace() {
        while at < end, base[at] <= 0x20 { at += 1 }
    }

    /// Skips to the next element or member, or past the end.
    /// - Returns: false at the end.
    private func hasNext() -> Bool {
        skipSpace()
        let isComma = base[at] == UInt8(ascii: ",")
        at += 1
        if isComma { skipSpace() }
        return isComma
    }

    private func writeValue() throws(CanonicalError) {
        switch base[at] {
        case UInt8(ascii: "{"): try writeObject()
        case UInt8(ascii: "["): try writeArray()
        case UInt8(ascii: "\""): _ = try writeString()
        case UInt8(ascii: "t"), UInt8(ascii: "n"): copy(4)
        case UInt8(ascii: "f"): copy(5)
        default: try writeNumber()
        }
    }

    private func copy(_ count: Int) {
        output.append(base + at, count)
        at += count
    }

    private func writeArray() throws(CanonicalError) {
        output.append(UInt8(ascii: "["))
        at += 1
        skipSpace()
        if base[at] == UInt8(ascii: "]") {
            at += 1
        } else {
            while true {
                try writeValue()
                guard hasNext() else { break }
                output.append(UInt8(ascii: ","))
            }
        }
        output.append(UInt8(ascii: "]"))
    }

    private func writeObject() throws(CanonicalError) {
        output.append(UInt8(ascii: "{"))
        at += 1
        skipSpace()
        guard base[at] != UInt8(ascii: "}") else {
            at += 1
            return output.append(UInt8(ascii: "}"))
        }
        let first = members.count
        var isSorted = true
        while true {
            let start = output.count
            let hasEscape = try writeString()
            let nameLength = output.count - start - 2
            skipSpace()
            at += 1
            skipSpace()
            output.append(UInt8(ascii: ":"))
            try writeValue()
            let member = Member(
                start: start,
                nameLength: nameLength,
                length: output.count - start,
                key: NameOrder.key(output.word(start + 1), length: nameLength),
                hasEscape: hasEscape
            )
            if isSorted, members.count > first { isSorted = precedes(members[members.count - 1], member) }
            members.append(member)
            guard hasNext() else { break }
            output.append(UInt8(ascii: ","))
        }
        if !isSorted { try sort(from: first) }
        members.removeSubrange(first...)
        output.append(UInt8(ascii: "}"))
    }

    // MARK: Order

    /// Puts the members of the innermost object in order, which end where the output does.
    private func sort(from first: Int) throws(CanonicalError) {
        let start = members[first].start
        sortMembers(from: first)
        scratch.removeAll(reserving: output.count - start)
        for index in first..<members.count {
            if index > first {
                guard precedes(members[index - 1], members[index]) else { throw .duplicateName }
                scratch.append(UInt8(ascii: ","))
            }
            scratch.append(output.pointer + members[index].start, members[index].length)
        }
        output.replace(from: start, with: scratch)
    }

    private func sortMembers(from first: Int) {
        guard members.count - first <= 24 else { return members[first...].sort { precedes($0, $1) } }
        // Objects have a handful of members, for which nothing is faster.
        for index in (first + 1)..<members.count {
            let member = members[index]
            var place = index
            while place > first, precedes(member, members[place - 1]) {
                members[place] = members[place - 1]
                place -= 1
            }
            members[place] = member
        }
    }

    /// Whether one name comes before another by UTF-16 code units, as RFC 8785 sorts (section 3.2.3).
    private func precedes(_ one: Member, _ other: Member) -> Bool {
        if one.key != other.key, NameOrder.isDecisive(one.key, other.key), !one.hasEscape, !other.hasEscape {
            return one.key < other.key
        }
        let (left, right) = (name(one), name(other))
        guard one.hasEscape || other.hasEscape else { return JSONString.precedesInUTF16(left, right) }
        return Self.unescaped(left).withUnsafeBufferPointer { left in
            Self.unescaped(right).withUnsafeBufferPointer { right in JSONString.precedesInUTF16(left, right) }
        }
    }

    private func name(_ member: Member) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: output.pointer + (member.start + 1), count: member.nameLength)
    }

    private static func unescaped(_ name: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        // A canonical spelling has escapes of control characters, quotes and backslashes only: whole characters.
        try? JSONString.appendUnescaped(name, to: &result)
        return result
    }

    // MARK: Strings and numbers

    /// - Returns: whether the string has escapes.
    private func writeString() throws(CanonicalError) -> Bool {
        let start = at
        at += 1
        var hasEscape = false
        while true {
            at = JSONString.endOfRun(base, end, at)
            guard base[at] == UInt8(ascii: "\\") else { break }
            hasEscape = true
            at += 2
        }
        at += 1
        guard hasEscape else {
            output.append(base + start, at - start)
            return false
        }
        var text: [UInt8] = []
        try JSONString.appendUnescaped(UnsafeBufferPointer(start: base + start + 1, count: at - start - 2), to: &text)
        var spelled: [UInt8] = []
        text.withUnsafeBufferPointer { JSONString.appendCanonical($0, to: &spelled) }
        output.append(spelled)
        return true
    }

    private func writeNumber() throws(CanonicalError) {
        let start = at
        while at < end, JSONNumber.isPart(base[at]) { at += 1 }
        let number = UnsafeBufferPointer(start: base + start, count: at - start)
        if JSONNumber.isPlainlyCanonical(number) { return output.append(base + start, number.count) }
        var spelled: [UInt8] = []
        try JSONNumber.appendCanonical(number, to: &spelled)
        output.append(spelled)
    }
}
