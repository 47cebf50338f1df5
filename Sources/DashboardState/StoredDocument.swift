import Bytes

/// What a value in Redis is to a reader.
public enum StoredDocument: Equatable, Sendable {
    /// A document of this service; the ranges hold its entity tag and its time, both without quotes.
    case own(tag: Range<Int>, lastModified: Range<Int>)
    /// A document that other software wrote; its tag is the SHA-1 of its bytes, in lowercase hex. The range holds its
    /// time, quotes included, or whatever stands in its place.
    case foreign(lastModified: Range<Int>?)
    /// No document: to users, nothing is stored.
    case unusable

    /// Judges a value's bytes. Of a document of this service only the head and the end are looked at.
    public init(_ bytes: RawSpan) { self = bytes.withUnsafeBytes { StoredDocument($0) } }

    private init(_ bytes: UnsafeRawBufferPointer) {
        if let (tag, lastModified) = DocumentHead.find(in: bytes) {
            self = .own(tag: tag, lastModified: lastModified)
        } else if let members = StoredMembers.parse(bytes) {
            self = .foreign(lastModified: members.lastModified)
        } else {
            self = .unusable
        }
    }
}

/// The small members in front of the state, by which documents are compared without being decoded:
/// `{"version":7,"lastModified":"2026-01-01T00:00:00.000Z","etag":"…","checksum":"…","ancestry":"…","state":`.
public enum DocumentHead {
    /// Appends the head of a document, to be followed by the state's bytes and `}`.
    /// - Parameters:
    ///   - version: 0 … 2^53−1.
    ///   - lastModified: when the state was last changed.
    ///   - checksum: 64 lowercase hex digits, verified, where the client sent them.
    ///   - ancestry: what the client sent as such, which ``SaveBody`` has checked.
    public static func append(
        version: Int64,
        lastModified: Timestamp,
        tag: EntityTag,
        checksum: RawSpan?,
        ancestry: RawSpan?,
        to target: inout [UInt8]
    ) {
        target.append(#"{"version":"#)
        target.append(decimal: Int(version))
        target.append(#","lastModified":""#)
        lastModified.append(to: &target)
        target.append(#"","etag":""#)
        tag.append(to: &target)
        if let checksum {
            target.append(#"","checksum":""#)
            checksum.withUnsafeBytes { target.append(contentsOf: $0) }
        }
        if let ancestry {
            target.append(#"","ancestry":""#)
            ancestry.withUnsafeBytes { target.append(contentsOf: $0) }
        }
        target.append(#"","state":"#)
    }

    /// Characters of a time (``Timestamp``).
    static let timeLength = 24

    /// Where entity tag and time lie in a document that has such a head and is complete; otherwise `nil`.
    static func find(in bytes: UnsafeRawBufferPointer) -> (tag: Range<Int>, lastModified: Range<Int>)? {
        var reader = HeadReader(bytes: bytes)
        guard reader.take(#"{"version":"#), reader.takeVersion(), reader.take(#","lastModified":""#),
            let lastModified = reader.takeTime(), reader.take(#"","etag":""#), let tag = reader.takeUntilQuote(),
            EntityTag.isPossible(UnsafeRawBufferPointer(rebasing: bytes[tag])), reader.take(#"",""#)
        else { return nil }
        if reader.next == UInt8(ascii: "c") {
            guard reader.take(#"checksum":""#), reader.takeUntilQuote() != nil, reader.take(#"",""#) else { return nil }
        }
        if reader.next == UInt8(ascii: "a") {
            guard reader.take(#"ancestry":""#), reader.takeUntilQuote() != nil, reader.take(#"",""#) else { return nil }
        }
        guard reader.take(#"state":{"#), bytes[bytes.count - 1] == UInt8(ascii: "}"),
            bytes[bytes.count - 2] == UInt8(ascii: "}")
        else { return nil }
        return (tag, lastModified)
    }
}

/// Takes the parts of a document's head one after the other. It runs for every read.
private struct HeadReader {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - at >= count, let base = bytes.baseAddress else { return false }
        guard UnsafeRawBufferPointer(start: base + at, count: count).equals(text) else { return false }
        at += count
        return true
    }

    /// Takes 1 to 16 digits. A number that is higher than any version is no version.
    mutating func takeVersion() -> Bool {
        let start = at
        while at < bytes.count, at - start < 16, Decimal.isDigit(bytes[at]) { at += 1 }
        guard at - start == 16 else { return at > start }
        let value = Decimal.parse(UnsafeRawBufferPointer(rebasing: bytes[start..<at]))
        return value.map { $0 <= SaveBody.highestVersion } ?? false
    }

    /// Takes as many bytes as each time has that this service writes.
    mutating func takeTime() -> Range<Int>? {
        guard bytes.count - at >= DocumentHead.timeLength else { return nil }
        at += DocumentHead.timeLength
        return (at - DocumentHead.timeLength)..<at
    }

    mutating func takeUntilQuote() -> Range<Int>? {
        let start = at
        let end = min(bytes.count, start + 65)
        // Eight bytes at a time. What this service writes has no backslash here, so one ends the search in vain.
        while at + 8 <= end {
            let found = WordSearch.quotesAndBackslashes(
                bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
            )
            if found != 0 {
                at += found.trailingZeroBitCount / 8
                return at > start && bytes[at] == UInt8(ascii: "\"") ? start..<at : nil
            }
            at += 8
        }
        while at < end, bytes[at] != UInt8(ascii: "\"") { at += 1 }
        return at > start && at < end ? start..<at : nil
    }
}
