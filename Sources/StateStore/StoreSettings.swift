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
    let endpoint: Endpoint
    /// Nanoseconds that a connection may take, and a reply.
    public let timeout: UInt64
    /// Reads the password anew, where a file holds it: it may have been changed since.
    let readPassword: @Sendable () -> [UInt8]?
    /// What TLS is done with; `nil` where there is none.
    let tls: TLSContext?

    /// Files for TLS, and the server's name.
    public typealias TLSSettings = RESP.TLSSettings

    /// Whether connections use TLS.
    public var usesTLS: Bool { endpoint.usesTLS }

    /// Reads a URL and, where it wants TLS, files.
    /// - Parameters:
    ///   - password: takes the place of the URL's.
    ///   - timeout: nanoseconds.
    ///   - tls: used where the URL wants TLS.
    ///   - readPassword: asked for the password where Redis refuses the one that is known.
    /// - Throws: ``StoreError``, in words for an operator.
    public init(
        _ url: String,
        password: [UInt8]?,
        timeout: UInt64,
        tls: TLSSettings = TLSSettings(),
        readPassword: @escaping @Sendable () -> [UInt8]?
    ) throws(StoreError) {
        var endpoint: Endpoint
        do throws(RESPError) { endpoint = try Endpoint(url) } catch { throw .unusableURL("\(error)") }
        if let password { endpoint.password = password }
        guard endpoint.username == nil || endpoint.password != nil else {
            let reason = "a user without a password: set REDIS_PASSWORD_FILE, or write user:@"
            throw .unusableURL("\(RESPError.invalidURL(reason))")
        }
        self.endpoint = endpoint
        self.timeout = timeout
        self.readPassword = readPassword
        do throws(RESPError) {
            self.tls = endpoint.usesTLS ? try TLSContext(tls) : nil
        } catch { throw .unusableTLS("\(error)") }
    }

    /// The address and database, without credentials.
    public var description: String { endpoint.description }
}
