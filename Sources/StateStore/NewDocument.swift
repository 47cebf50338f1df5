import DashboardState

/// A document to save: what a ``SaveBody`` says, with its bytes, which are referred to and not copied.
public struct NewDocument {
    /// 0 … 2^53−1.
    public var version: Int64
    /// When the client last changed the state; `nil` where it does not say, and now counts.
    public var lastModified: Timestamp?
    /// 64 lowercase hex digits, verified, where the client sent them.
    public var checksum: UnsafeRawBufferPointer?
    /// What the client sent as such.
    public var ancestry: UnsafeRawBufferPointer?
    /// A JSON object.
    public var state: UnsafeRawBufferPointer

    /// A document of these parts.
    public init(
        version: Int64,
        lastModified: Timestamp?,
        checksum: UnsafeRawBufferPointer?,
        ancestry: UnsafeRawBufferPointer?,
        state: UnsafeRawBufferPointer
    ) {
        self.version = version
        self.lastModified = lastModified
        self.checksum = checksum
        self.ancestry = ancestry
        self.state = state
    }
}
