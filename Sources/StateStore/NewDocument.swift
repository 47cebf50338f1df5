import DashboardState

/// A document to save: what a ``SaveBody`` says, as a view on its bytes.
public struct NewDocument: ~Escapable {
    /// 0 … 2^53−1.
    public let version: Int64
    /// When the client last changed the state; `nil` where it does not say, and now counts.
    public let lastModified: Timestamp?
    /// 64 lowercase hex digits, verified, where the client sent them.
    public let checksum: RawSpan?
    /// What the client sent as such.
    public let ancestry: RawSpan?
    /// A JSON object.
    public let state: RawSpan

    /// A document of these parts.
    @_lifetime(copy checksum, copy ancestry, copy state)
    public init(
        version: Int64,
        lastModified: Timestamp?,
        checksum: RawSpan?,
        ancestry: RawSpan?,
        state: RawSpan
    ) {
        self.version = version
        self.lastModified = lastModified
        self.checksum = checksum
        self.ancestry = ancestry
        self.state = state
    }
}
