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
/// It works on slices of the text: members are sorted as ranges, and what is canonical already is copied in runs.
public struct CanonicalForm {
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private var at = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress ?? UnsafePointer(bitPattern: 1)!
        end = bytes.count
    }

    /// Appends the canonical form of a value to `target`.
    /// - Parameter value: JSON that ``SaveBody/parse(_:)`` has accepted: its syntax and depth are not checked again.
    /// - Throws: ``CanonicalError`` where there is none; `target` then holds a part of it.
    public static func append(of value: UnsafeRawBufferPointer, to target: inout [UInt8]) throws(CanonicalError) {
        target.reserveCapacity(target.count + value.count)
        var form = CanonicalForm(value)
        form.skipSpace()
        try form.appendValue(to: &target)
    }

    private mutating func appendValue(to target: inout [UInt8]) throws(CanonicalError) {
        switch base[at] {
        case UInt8(ascii: "{"): try appendObject(to: &target)
        case UInt8(ascii: "["): try appendArray(to: &target)
        case UInt8(ascii: "\""): try appendString(to: &target)
        case UInt8(ascii: "t"), UInt8(ascii: "n"): copy(4, to: &target)
        case UInt8(ascii: "f"): copy(5, to: &target)
        default: try appendNumber(to: &target)
        }
    }

    private mutating func copy(_ count: Int, to target: inout [UInt8]) {
        target.append(contentsOf: UnsafeBufferPointer(start: base + at, count: count))
        at += count
    }

    private mutating func skipSpace() {
        while at < end, base[at] <= 0x20 { at += 1 }
    }

    /// Skips to the next element or member, or past the end.
    /// - Returns: false at the end.
    private mutating func hasNext() -> Bool {
        skipSpace()
        let isComma = base[at] == UInt8(ascii: ",")
        at += 1
        if isComma { skipSpace() }
        return isComma
    }

    private mutating func appendArray(to target: inout [UInt8]) throws(CanonicalError) {
        target.append(UInt8(ascii: "["))
        at += 1
        skipSpace()
        if base[at] == UInt8(ascii: "]") {
            at += 1
        } else {
            while true {
                try appendValue(to: &target)
                guard hasNext() else { break }
                target.append(UInt8(ascii: ","))
            }
        }
        target.append(UInt8(ascii: "]"))
    }

    /// Writes the members in the order of the text first, noting where each lies, then puts them in order.
    private mutating func appendObject(to target: inout [UInt8]) throws(CanonicalError) {
        target.append(UInt8(ascii: "{"))
        at += 1
        skipSpace()
        guard base[at] != UInt8(ascii: "}") else {
            at += 1
            target.append(UInt8(ascii: "}"))
            return
        }
        let start = target.count
        var members: [(name: Range<Int>, member: Range<Int>)] = []
        var isSorted = true
        while true {
            let memberStart = target.count
            try appendString(to: &target)
            // The canonical spelling of a name sorts as the name does, once its escapes are undone.
            let name = (memberStart + 1)..<(target.count - 1)
            skipSpace()
            at += 1
            skipSpace()
            target.append(UInt8(ascii: ":"))
            try appendValue(to: &target)
            if isSorted, let last = members.last {
                isSorted = Self.precedes(last.name, name, in: target)
            }
            members.append((name, memberStart..<target.count))
            guard hasNext() else { break }
            target.append(UInt8(ascii: ","))
        }
        if !isSorted { try Self.sort(members, from: start, in: &target) }
        target.append(UInt8(ascii: "}"))
    }

    private static func sort(
        _ members: [(name: Range<Int>, member: Range<Int>)],
        from start: Int,
        in target: inout [UInt8]
    ) throws(CanonicalError) {
        let sorted = members.sorted { precedes($0.name, $1.name, in: target) }
        for (one, next) in zip(sorted, sorted.dropFirst()) where !precedes(one.name, next.name, in: target) {
            throw .duplicateName
        }
        var ordered: [UInt8] = []
        ordered.reserveCapacity(target.count - start)
        for (index, entry) in sorted.enumerated() {
            if index > 0 { ordered.append(UInt8(ascii: ",")) }
            ordered.append(contentsOf: target[entry.member])
        }
        target.replaceSubrange(start..., with: ordered)
    }

    /// Compares names that are spelled canonically, by what they mean.
    private static func precedes(_ one: Range<Int>, _ other: Range<Int>, in target: [UInt8]) -> Bool {
        target.withUnsafeBufferPointer { bytes in
            let left = UnsafeBufferPointer(rebasing: bytes[one])
            let right = UnsafeBufferPointer(rebasing: bytes[other])
            guard left.contains(UInt8(ascii: "\\")) || right.contains(UInt8(ascii: "\\")) else {
                return JSONString.precedesInUTF16(left, right)
            }
            return unescaped(left).withUnsafeBufferPointer { left in
                unescaped(right).withUnsafeBufferPointer { right in JSONString.precedesInUTF16(left, right) }
            }
        }
    }

    private static func unescaped(_ name: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        // A canonical spelling has escapes of control characters only, which are whole characters.
        try? JSONString.appendUnescaped(name, to: &result)
        return result
    }

    private mutating func appendString(to target: inout [UInt8]) throws(CanonicalError) {
        let start = at
        var hasEscape = false
        at += 1
        while base[at] != UInt8(ascii: "\"") {
            if base[at] == UInt8(ascii: "\\") {
                hasEscape = true
                at += 1
            }
            at += 1
        }
        at += 1
        guard hasEscape else {
            target.append(contentsOf: UnsafeBufferPointer(start: base + start, count: at - start))
            return
        }
        var text: [UInt8] = []
        let inside = UnsafeBufferPointer(start: base + start + 1, count: at - start - 2)
        try JSONString.appendUnescaped(inside, to: &text)
        text.withUnsafeBufferPointer { JSONString.appendCanonical($0, to: &target) }
    }

    private mutating func appendNumber(to target: inout [UInt8]) throws(CanonicalError) {
        let start = at
        while at < end, JSONNumber.isPart(base[at]) { at += 1 }
        try JSONNumber.appendCanonical(UnsafeBufferPointer(start: base + start, count: at - start), to: &target)
    }
}
