/// What can go wrong between a command and its reply. No message holds a password, a key or a value.
public enum RESPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `REDIS_URL` is not one.
    case invalidURL(String)
    /// A kind of URL that is planned, and not there yet.
    case unsupportedScheme(String)
    /// No connection could be made.
    case cannotConnect(String)
    /// Redis refused the connection's first commands, with this error code (`WRONGPASS`, `LOADING`, …).
    case refused(code: String)
    /// The connection was lost before the reply came.
    case connectionLost(String)
    /// No reply came in time.
    case timedOut
    /// Redis is known to be away, and the command was not sent.
    case away
    /// Too many commands wait for a reply already.
    case overloaded
    /// What came is no reply.
    case protocolError(String)
    /// The server has become a replica, which takes no writes.
    case replica

    /// One sentence for a log or a start-up message.
    public var description: String {
        switch self {
        case .invalidURL(let reason):
            "not a Redis URL (\(reason)): expected redis://[user:password@]host[:port][/db] or unix:///path[?db=n]"
        case .unsupportedScheme(let scheme):
            "\(scheme):// is not supported yet: use redis:// or unix://"
        case .cannotConnect(let reason): "no connection: \(reason)"
        case .refused(let code): "Redis refused the connection: \(code)"
        case .connectionLost(let reason): "connection lost: \(reason)"
        case .timedOut: "no answer in time"
        case .away: "Redis is away"
        case .overloaded: "too many commands wait for an answer"
        case .protocolError(let what): "Redis sent \(what)"
        case .replica: "the server has become a replica"
        }
    }
}
