import Bytes

/// A master and its replicas, of which sentinels know who is what.
public struct SentinelTopology: Equatable, Sendable, CustomStringConvertible {
    /// Sentinels that are known from the start, each once. A host's name may stand for several.
    public let seeds: [Endpoint.Address]
    /// What the sentinels call the master.
    public let masterName: String
    /// As whom the master is spoken to, and by what. With TLS, the sentinels speak it too.
    public var access: Access

    /// The port of a sentinel where none is given.
    static let usualPort: UInt16 = 26379

    /// Reads `redis-sentinel://[user:password@]host[:port],host[:port]/master[/db]`, or `rediss-sentinel://` with the same.
    ///
    /// User and password are those of the servers that keep data; they and the master's name may be percent-encoded.
    init(_ url: RedisURL) throws(RESPError) {
        let path: Substring
        (access, seeds, path) = try url.cutSeeds(port: Self.usualPort)
        let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty else {
            throw .invalidURL("no name of a master: it follows the sentinels, as in /mymaster")
        }
        guard let name = PercentEncoding.decodedText(parts[0]),
            name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .invalidURL("the master's name is badly percent-encoded, or holds control characters") }
        masterName = name
        if parts.count == 2, !parts[1].isEmpty {
            guard let database = RedisURL.database(parts[1]) else {
                throw .invalidURL("the database must be a number, and follows the master's name")
            }
            access.database = database
        }
    }

    /// The sentinels, the master's name and the database, without credentials.
    public var description: String {
        let scheme = access.usesTLS ? "rediss-sentinel" : "redis-sentinel"
        let text = "\(scheme)://\(seeds.map(\.description).joined(separator: ","))/\(masterName)"
        return access.database == 0 ? text : "\(text) db \(access.database)"
    }
}
