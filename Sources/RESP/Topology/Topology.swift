/// Which servers there are, and how the one to speak to is found: what `REDIS_URL` says.
public enum Topology: Equatable, Sendable, CustomStringConvertible {
    /// One server, or one address behind which somebody else knows the master.
    case single(Endpoint)
    /// A master and its replicas, watched by sentinels, who know which it is.
    case sentinel(SentinelTopology)
    /// A cluster, whose nodes know where each slot lies.
    case cluster(ClusterTopology)

    /// Reads a URL of any kind.
    /// - Throws: ``RESPError/invalidURL(_:)``.
    public init(_ url: String) throws(RESPError) {
        let parts = try RedisURL(url)
        switch parts.scheme {
        case "redis-sentinel", "rediss-sentinel": self = .sentinel(try SentinelTopology(parts))
        case "redis-cluster", "rediss-cluster": self = .cluster(try ClusterTopology(parts))
        default: self = .single(try Endpoint(parts))
        }
    }

    /// As whom servers that keep data are spoken to, and by what.
    public var access: Access {
        get {
            switch self {
            case .single(let endpoint): endpoint.access
            case .sentinel(let sentinel): sentinel.access
            case .cluster(let cluster): cluster.access
            }
        }
        set {
            switch self {
            case .single(var endpoint):
                endpoint.access = newValue
                self = .single(endpoint)
            case .sentinel(var sentinel):
                sentinel.access = newValue
                self = .sentinel(sentinel)
            case .cluster(var cluster):
                cluster.access = newValue
                self = .cluster(cluster)
            }
        }
    }

    /// The addresses and what else tells where it is, without credentials.
    public var description: String {
        switch self {
        case .single(let endpoint): endpoint.description
        case .sentinel(let sentinel): sentinel.description
        case .cluster(let cluster): cluster.description
        }
    }
}
