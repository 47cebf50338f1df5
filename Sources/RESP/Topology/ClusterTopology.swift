/// A cluster, some of whose nodes are known from the start.
public struct ClusterTopology: Equatable, Sendable, CustomStringConvertible {
    /// Nodes that are asked where the slots lie, each once. A host's name may stand for several.
    public let seeds: [Endpoint.Address]
    /// As whom all nodes are spoken to, and by what. The database is 0: clusters have no other.
    public var access: Access

    /// Reads `redis-cluster://[user:password@]host[:port],host[:port]`, or `rediss-cluster://` with the same. A `/` or `/0`
    /// may follow.
    init(_ url: RedisURL) throws(RESPError) {
        let path: Substring
        (access, seeds, path) = try url.cutSeeds(port: Endpoint.usualPort)
        guard path.isEmpty || RedisURL.database(path) == 0 else {
            throw .invalidURL("a cluster has no database but 0, so none is written")
        }
    }

    /// The nodes that are known from the start, without credentials.
    public var description: String {
        let scheme = access.usesTLS ? "rediss-cluster" : "redis-cluster"
        return "\(scheme)://\(seeds.map(\.description).joined(separator: ","))"
    }
}
