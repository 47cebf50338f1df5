import Bytes

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
    public init?(_ bytes: RawSpan) {
        guard let outcome = bytes.withUnsafeBytes({ Outcome($0) }) else { return nil }
        self = outcome
    }

    private init?(_ bytes: UnsafeRawBufferPointer) {
        // The usual ones at once.
        if bytes.equals("replaced") {
            self = .replaced
        } else if bytes.equals("saved") {
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
        case word.equals("unchanged") && !value.isEmpty: self = .unchanged(tag: value.indices)
        case word.equals("refused"):
            guard let version = Self.number(value) else { return nil }
            self = .refused(version: version, document: document)
        case word.equals("failed"): self = .preconditionFailed(version: Self.number(value), document: document)
        case word.equals("unstaged"): self = .notStaged
        case word.equals("deleted"): self = .deleted
        case word.equals("nothing"): self = .nothing
        default: return nil
        }
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int64? {
        digits.count <= 16 ? Decimal.parse(UnsafeRawBufferPointer(rebasing: digits)).map(Int64.init) : nil
    }
}
