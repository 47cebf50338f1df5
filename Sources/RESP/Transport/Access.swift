/// As whom servers are spoken to, and by what: the same for all of a topology that keep data.
public struct Access: Equatable, Sendable {
    /// Whether TLS is spoken.
    public var usesTLS = false
    /// ACL user; `nil` is the default user.
    public var username: [UInt8]?
    /// Password; `nil` where none is asked for, empty where one is sent that is empty. Never part of a description.
    public var password: [UInt8]?
    /// Number of the database.
    public var database = 0

    /// Without credentials, in database 0.
    public init(usesTLS: Bool = false) { self.usesTLS = usesTLS }
}
