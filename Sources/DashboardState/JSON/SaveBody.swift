/// A save's body, `{version, state, checksum?, lastModified?}`, found in its bytes in one pass. Other members are
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
    /// What is known of the state's RFC 8785 form.
    public var stateForm: StateForm

    /// Reads a body.
    /// - Parameter form: makes the state's canonical form in the same pass, where there is a checksum and the state is
    ///   not its own form.
    /// - Throws: ``BodyError`` at the first thing that is wrong.
    public static func parse(
        _ bytes: UnsafeRawBufferPointer,
        _ form: CanonicalForm? = nil
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
        return SaveBody(
            version: version,
            state: state,
            checksum: checksum,
            lastModified: lastModified,
            stateForm: members.stateForm
        )
    }
}

/// A document that other software stored: an object with a version and a state, by the same rules as a body's.
struct StoredMembers: Equatable {
    var version: Int64
    var state: Range<Int>

    /// `nil` where the bytes are no such document.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> StoredMembers? {
        guard let members = try? TopLevel.parse(bytes), let version = members.version, let state = members.state else {
            return nil
        }
        return StoredMembers(version: version, state: state)
    }
}
