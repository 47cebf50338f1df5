/// What can go wrong between a command and its reply. No message holds a password, a key or a value.
public enum RESPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `REDIS_URL` is not one.
    case invalidURL(String)
    /// The host's name leads to no address.
    case cannotResolve(String)
    /// No connection could be made.
    case cannotConnect(String)
    /// The server refused the connection's first commands, with this error or, where the code is `nil`, words of its own.
    case refused(ServerError.Code?)
    /// The connection was lost before the reply came.
    case connectionLost(String)
    /// No reply came in time.
    case timedOut
    /// Nothing came on the connection, while the server answered on another one.
    case silent
    /// A write was sent whole and the connection lost: it may have been carried out, or may still be.
    case unanswered
    /// Redis is known to be away, and the command was not sent.
    case away
    /// Too much waits for a reply already.
    case overloaded
    /// What came is no reply, or none to this command.
    case protocolError(String)
    /// The server is a replica, which decides nothing.
    case replica
    /// The sentinels name another server as master.
    case replaced
    /// No sentinel names a master.
    case noMaster(MasterLack)
    /// The server does not tell which slots of a cluster lie where, with this error or in a form that is not understood.
    case noMap(ServerError.Code?)
    /// Something is wrong with TLS, or with the lack of it.
    indirect case tls(TLSFault)

    /// One sentence for a log or a start-up message.
    public var description: String {
        switch self {
        case .invalidURL(let reason):
            """
            not a Redis URL (\(reason)): expected redis://[user:password@]host[:port][/db], rediss://… for TLS, \
            unix:///path[?db=n], redis-sentinel://[user:password@]host[:port],…/master[/db], or \
            redis-cluster://[user:password@]host[:port],…
            """
        case .cannotResolve(let reason): "the host's name cannot be resolved: \(reason)"
        case .cannotConnect(let reason): "no connection: \(reason)"
        case .refused(let code): Self.refusal(code)
        case .connectionLost(let reason): "connection lost: \(reason)"
        case .timedOut: "no answer in time"
        case .silent: "no answer, while other connections are answered"
        case .unanswered: "sent, and not answered"
        case .away: "Redis is away"
        case .overloaded: "too much waits for an answer"
        case .protocolError(let what): "Redis sent \(what)"
        case .replica: "the server is a replica, which may be behind: waiting for a master at this address"
        case .replaced: "the sentinels name another server as master"
        case .noMaster(.sentinelsAway): "no sentinel answers who the master is"
        case .noMaster(.unknownName): "no sentinel watches a master of this name: see the name in REDIS_URL"
        case .noMaster(.refused): "no sentinel says who the master is: they refuse the question"
        case .noMap(let code): Self.refusalOfMap(code)
        case .tls(let fault): fault.description
        }
    }

    private static func refusalOfMap(_ code: ServerError.Code?) -> String {
        switch code {
        case .clusterDisabled: "the server is no node of a cluster: write redis:// or rediss:// for a server alone"
        case .noPermission: "the ACL user may not ask where the cluster's slots lie (NOPERM): it needs cluster|slots"
        case .clusterDown: "the node knows of no slot of the cluster"
        case let code?: "the node does not tell where the slots of the cluster lie: \(code.rawValue)"
        case nil: "the node does not tell in any known form where the slots of the cluster lie"
        }
    }

    private static func refusal(_ code: ServerError.Code?) -> String {
        switch code {
        case .noAuth: "Redis wants a password (NOAUTH): set REDIS_PASSWORD_FILE"
        case .wrongPassword: "Redis refuses the user or the password (WRONGPASS)"
        case .maxClients: "Redis has reached its maxclients: allow more, or run fewer workers or threads"
        case .loading: "Redis is still loading its data (LOADING)"
        case .masterDown: "the server is a replica without its master (MASTERDOWN)"
        case .denied: "Redis refuses connections from other machines (DENIED, protected mode)"
        case .noPermission: "the ACL user may not select this database (NOPERM)"
        case let code?: "Redis refuses the connection: \(code.rawValue)"
        case nil:
            "the server refuses the connection's first commands: it may not have the database in REDIS_URL, or want no password"
        }
    }
}
