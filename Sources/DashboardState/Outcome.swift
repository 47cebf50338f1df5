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
    /// The document that was sent ahead of the script is not there.
    case notStaged
    /// Deleted.
    case deleted
    /// There was nothing to delete.
    case nothing

    /// Reads a script's answer; `nil` if it is none.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        // The usual ones at once.
        if bytes.holds("replaced") {
            self = .replaced
        } else if bytes.holds("saved") {
            self = .saved
        } else {
            self.init(line: bytes)
        }
    }

    private init?(line bytes: UnsafeRawBufferPointer) {
        let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n"))
        let line = bytes[..<(lineEnd ?? bytes.count)]
        let document = lineEnd.map { ($0 + 1)..<bytes.count }
        let space = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
        let word = UnsafeRawBufferPointer(rebasing: line[..<space])
        let value = line[min(space + 1, line.endIndex)...]
        switch true {
        case word.holds("unchanged") && !value.isEmpty: self = .unchanged(tag: value.indices)
        case word.holds("refused"):
            guard let version = Self.number(value) else { return nil }
            self = .refused(version: version, document: document)
        case word.holds("failed"): self = .preconditionFailed(version: Self.number(value), document: document)
        case word.holds("unstaged"): self = .notStaged
        case word.holds("deleted"): self = .deleted
        case word.holds("nothing"): self = .nothing
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

extension UnsafeRawBufferPointer {
    /// Whether these are exactly the bytes of `text`.
    fileprivate func holds(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != text.utf8Start[index] { return false }
        return true
    }
}
