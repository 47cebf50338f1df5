import RESP

/// How states are kept.
public struct StoreSettings: Sendable {
    /// What all keys start with.
    public var keyPrefix: [UInt8]
    /// Seconds that a state lives after its last save or, where reads renew that, read.
    public var secondsToLive: Int
    /// Whether reads renew the time to live.
    public var renewsOnRead: Bool

    /// Settings with these values.
    public init(keyPrefix: [UInt8], secondsToLive: Int, renewsOnRead: Bool) {
        self.keyPrefix = keyPrefix
        self.secondsToLive = secondsToLive
        self.renewsOnRead = renewsOnRead
    }
}

/// Where Redis is, as whom to speak to it, and how long it may take.
public struct RedisServer: Sendable, CustomStringConvertible {
    /// The servers, with their credentials.
    private(set) var topology: Topology
    /// As whom sentinels are spoken to.
    let sentinelAccount: SentinelAccount
    /// Nanoseconds that a connection may take, and a reply.
    public let timeout: UInt64
    /// Reads the password anew, where a file holds it: it may have been changed since.
    let readPassword: @Sendable () -> [UInt8]?
    /// What TLS is done with; `nil` where there is none.
    let tls: TLSContext?

    /// Files for TLS, and the server's name.
    public typealias TLSSettings = RESP.TLSSettings

    /// Whether connections use TLS.
    public var usesTLS: Bool { topology.access.usesTLS }

    /// Whether the master is found by sentinels.
    public var hasSentinels: Bool { if case .sentinel = topology { true } else { false } }

    /// The host and port of the server, or the path of its socket, where there is but one; `nil` where there are several, or
    /// others know where it is.
    public var onlyServer: (address: String, port: Int?)? {
        guard case .single(let endpoint) = topology else { return nil }
        return switch endpoint.address {
        case .tcp(let host, let port): (host, Int(port))
        case .unix(let path): (path, nil)
        }
    }

    /// The number of the database.
    public var database: Int { topology.access.database }

    /// Reads a URL and, where it wants TLS, files.
    /// - Parameters:
    ///   - password: takes the place of the URL's.
    ///   - timeout: nanoseconds.
    ///   - tls: used where the URL wants TLS.
    ///   - sentinelAccount: used where the URL names sentinels.
    ///   - readPassword: asked for the password where Redis refuses the one that is known.
    /// - Throws: ``StoreError``, in words for an operator.
    public init(
        _ url: String,
        password: [UInt8]?,
        timeout: UInt64,
        tls: TLSSettings = TLSSettings(),
        sentinelAccount: SentinelAccount = SentinelAccount(),
        readPassword: @escaping @Sendable () -> [UInt8]?
    ) throws(StoreError) {
        var topology: Topology
        do throws(RESPError) { topology = try Topology(url) } catch { throw .unusableURL("\(error)") }
        if let password { topology.access.password = password }
        guard topology.access.username == nil || topology.access.password != nil else {
            let reason = "a user without a password: set REDIS_PASSWORD_FILE, or write user:@"
            throw .unusableURL("\(RESPError.invalidURL(reason))")
        }
        self.topology = topology
        self.sentinelAccount = sentinelAccount
        self.timeout = timeout
        self.readPassword = readPassword
        do throws(RESPError) {
            self.tls = topology.access.usesTLS ? try TLSContext(tls) : nil
        } catch { throw .unusableTLS("\(error)") }
    }

    /// One of the servers, by itself.
    func node(at address: Endpoint.Address) -> RedisServer {
        var node = self
        node.topology = .single(Endpoint(address, topology.access))
        return node
    }

    /// The addresses and what else tells where it is, without credentials.
    public var description: String { topology.description }
}

/// As whom sentinels are spoken to: they have users and passwords of their own.
public struct SentinelAccount: Sendable {
    /// ACL user; `nil` is the default user.
    var username: [UInt8]?
    /// Password; `nil` where none is asked for.
    var password: [UInt8]?
    /// Reads the password anew: it may have been changed since.
    var readPassword: @Sendable () -> [UInt8]?

    /// An account. There must be a password where there is a user.
    public init(
        username: [UInt8]? = nil,
        password: [UInt8]? = nil,
        readPassword: @escaping @Sendable () -> [UInt8]? = { nil }
    ) {
        self.username = username
        self.password = password
        self.readPassword = readPassword
    }
}
