import CanonicalJSON

/// A save's body, `{version, state, checksum?, lastModified?, ancestry?}`, found in its bytes in one pass. Other members are
/// accepted and ignored.
public struct SaveBody: Equatable, Sendable {
    /// Highest version: the last integer up to which JavaScript counts exactly.
    public static let highestVersion: Int64 = 9_007_199_254_740_991

    /// 0 … 2^53−1.
    public var version: Int64
    /// Where the state's bytes lie, braces included.
    public var state: Range<Int>
    /// Where the checksum's characters lie, without the quotes. Whether it is one is for the caller to verify.
    public var checksum: Range<Int>?
    /// When the client last changed the state.
    public var lastModified: Timestamp?
    /// Where the characters lie that tell a successor of this document, without the quotes: 1 to 64 visible ASCII
    /// characters without `"` and `\`. Only clients look at them.
    public var ancestry: Range<Int>?
    /// What is known of the state's RFC 8785 form.
    public var stateForm: StateForm

    /// Reads a body.
    /// - Parameter form: makes the state's canonical form in the same pass, where there is a checksum and the state is
    ///   not its own form.
    /// - Throws: ``BodyError`` at the first thing that is wrong.
    public static func parse(_ bytes: RawSpan, _ form: CanonicalForm? = nil) throws(BodyError) -> SaveBody {
        try bytes.withUnsafeBytes { bytes throws(BodyError) in try parse(bytes, form) }
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer,
        _ form: CanonicalForm?
    ) throws(BodyError) -> SaveBody {
        let members = try TopLevel.parse(bytes, form)
        guard members.hasVersion else { throw .missing(.version) }
        guard members.hasState else { throw .missing(.state) }
        guard let version = members.version else { throw .invalid(.version) }
        guard let state = members.state else { throw .invalid(.state) }
        var checksum: Range<Int>?
        if let value = members.checksum {
            guard bytes[value.lowerBound] == UInt8(ascii: "\"") else { throw .invalid(.checksum) }
            checksum = (value.lowerBound + 1)..<(value.upperBound - 1)
        }
        var lastModified: Timestamp?
        if let value = members.lastModified {
            guard bytes[value.lowerBound] == UInt8(ascii: "\""),
                let time = Timestamp(
                    UnsafeRawBufferPointer(rebasing: bytes[(value.lowerBound + 1)..<(value.upperBound - 1)])
                )
            else { throw .invalid(.lastModified) }
            lastModified = time
        }
        var ancestry: Range<Int>?
        if let value = members.ancestry { ancestry = try Self.ancestry(bytes, value) }
        return SaveBody(
            version: version,
            state: state,
            checksum: checksum,
            lastModified: lastModified,
            ancestry: ancestry,
            stateForm: members.stateForm
        )
    }
}

extension SaveBody {
    /// Longest ancestry, in characters.
    public static let longestAncestry = 64

    /// - Returns: `nil` for an empty one, which says nothing.
    private static func ancestry(
        _ bytes: UnsafeRawBufferPointer,
        _ value: Range<Int>
    ) throws(BodyError) -> Range<Int>? {
        guard bytes[value.lowerBound] == UInt8(ascii: "\"") else { throw .invalid(.ancestry) }
        let inside = (value.lowerBound + 1)..<(value.upperBound - 1)
        let isVisible = bytes[inside].allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        guard inside.count <= longestAncestry, isVisible else { throw .invalid(.ancestry) }
        return inside.isEmpty ? nil : inside
    }
}

/// A document that other software stored: an object with a version and a state, by the same rules as a body's.
struct StoredMembers: Equatable {
    var version: Int64
    var state: Range<Int>
    /// As it stands there, of whatever kind.
    var lastModified: Range<Int>?

    /// `nil` where the bytes are no such document.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> StoredMembers? {
        guard let members = try? TopLevel.parse(bytes), let version = members.version, let state = members.state else {
            return nil
        }
        return StoredMembers(version: version, state: state, lastModified: members.lastModified)
    }
}
