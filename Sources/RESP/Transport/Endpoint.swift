import Bytes

/// Where one Redis server is, and as whom to speak to it: what `REDIS_URL` says where it names one server.
public struct Endpoint: Equatable, Sendable, CustomStringConvertible {
    /// How it is reached.
    public enum Address: Hashable, Sendable, CustomStringConvertible {
        /// A host name or numeric address, and a port.
        case tcp(host: String, port: UInt16)
        /// The absolute path of a Unix socket.
        case unix(path: String)

        /// `host:port`, with brackets around an IPv6 address, or the path.
        public var description: String {
            switch self {
            case .unix(let path): path
            case .tcp(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
            }
        }
    }

    /// How it is reached.
    public var address: Address
    /// As whom, and by what.
    public var access: Access

    /// Whether TLS is spoken there.
    public var usesTLS: Bool { access.usesTLS }
    /// ACL user; `nil` is the default user.
    public var username: [UInt8]? { access.username }
    /// Password; `nil` where none is asked for, empty where one is sent that is empty. Never part of ``description``.
    public var password: [UInt8]? {
        get { access.password }
        set { access.password = newValue }
    }
    /// Number of the database.
    public var database: Int { access.database }

    /// A server of a topology.
    public init(_ address: Address, _ access: Access) {
        self.address = address
        self.access = access
    }

    /// Reads `redis://[user:password@]host[:port][/db]`, `rediss://` with the same, or
    /// `unix://[user:password@]/path[?db=n]`.
    ///
    /// User, password and path may be percent-encoded; an IPv6 address stands in brackets. `user@` leaves the password
    /// to be set, `user:@` is an empty one.
    /// - Throws: ``RESPError/invalidURL(_:)``, also for URLs of several servers, which ``Topology`` reads.
    public init(_ url: String) throws(RESPError) { self = try Endpoint(RedisURL(url)) }

    init(_ url: RedisURL) throws(RESPError) {
        address = .unix(path: "")
        access = Access(usesTLS: url.scheme == "rediss")
        switch url.scheme {
        case "redis", "rediss": try takeTCP(try url.takeCredentials(into: &access, endingAt: url.authorityEnd))
        case "unix":
            // A path may hold one too, but credentials end before it.
            let path = url.rest.firstIndex(of: "/") ?? url.rest.endIndex
            try takeUnix(try url.takeCredentials(into: &access, endingAt: url.rest[..<path].lastIndex(of: "@")))
        default: throw .invalidURL("scheme unknown")
        }
    }

    /// Longest path of a Unix socket, in bytes (unix(7)).
    private static let longestPath = 107

    private mutating func takeUnix(_ text: Substring) throws(RESPError) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let encoded = parts.first, encoded.hasPrefix("/"), encoded.count > 1 else {
            throw .invalidURL("the socket's path must be absolute")
        }
        // A path of other bytes would become another one.
        guard let path = PercentEncoding.decoded(encoded), !path.contains(0),
            let decoded = String(validating: path, as: UTF8.self)
        else { throw .invalidURL("the socket's path is badly percent-encoded") }
        guard path.count <= Self.longestPath else {
            throw .invalidURL("the socket's path has more than \(Self.longestPath) bytes")
        }
        address = .unix(path: decoded)
        guard parts.count == 2 else { return }
        guard parts[1].hasPrefix("db="), let database = RedisURL.database(parts[1].dropFirst(3)) else {
            throw .invalidURL("?db= must be a number")
        }
        access.database = database
    }

    /// The port of a Redis server where none is given.
    static let usualPort: UInt16 = 6379

    private mutating func takeTCP(_ text: Substring) throws(RESPError) {
        try RedisURL.refuseQuery(text)
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        address = try RedisURL.address(parts[0], port: Self.usualPort, isForTLS: usesTLS)
        guard parts.count == 2, !parts[1].isEmpty else { return }
        guard let database = RedisURL.database(parts[1]) else { throw .invalidURL("the database must be a number") }
        access.database = database
    }

    /// The address and database, without credentials.
    public var description: String {
        let scheme =
            switch address {
            case .unix: "unix"
            case .tcp: usesTLS ? "rediss" : "redis"
            }
        return database == 0 ? "\(scheme)://\(address)" : "\(scheme)://\(address) db \(database)"
    }
}
