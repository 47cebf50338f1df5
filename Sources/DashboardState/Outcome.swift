/// What a script in Redis decided.
public enum Outcome: Equatable, Sendable {
    /// Saved where nothing was stored.
    case saved
    /// Saved over another document.
    case replaced
    /// The very same save had happened before; the range holds the stored document's entity tag.
    case unchanged(tag: Range<Int>)
    /// The stored document wins; the range holds it where it was asked for.
    case refused(version: Int64, document: Range<Int>?)
    /// A precondition failed; nothing is stored where the version is `nil`.
    case preconditionFailed(version: Int64?, document: Range<Int>?)
    /// Deleted.
    case deleted
    /// There was nothing to delete.
    case nothing

    /// Reads a script's answer; `nil` if it is none.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n"))
        let line = bytes[..<(lineEnd ?? bytes.count)]
        let document = lineEnd.map { ($0 + 1)..<bytes.count }
        let space = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
        let word = line[..<space]
        let value = line[min(space + 1, line.endIndex)...]
        switch true {
        case word.elementsEqual("saved".utf8): self = .saved
        case word.elementsEqual("replaced".utf8): self = .replaced
        case word.elementsEqual("unchanged".utf8) && !value.isEmpty: self = .unchanged(tag: value.indices)
        case word.elementsEqual("refused".utf8):
            guard let version = Self.number(value) else { return nil }
            self = .refused(version: version, document: document)
        case word.elementsEqual("failed".utf8):
            self = .preconditionFailed(version: Self.number(value), document: document)
        case word.elementsEqual("deleted".utf8): self = .deleted
        case word.elementsEqual("nothing".utf8): self = .nothing
        default: return nil
        }
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }
}
