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
        var access = Access(usesTLS: url.scheme == "rediss-sentinel")
        let text = try url.takeCredentials(into: &access, endingAt: url.authorityEnd)
        try RedisURL.refuseQuery(text)
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        seeds = try RedisURL.addresses(parts[0], port: Self.usualPort, isForTLS: access.usesTLS)
        guard parts.count > 1, !parts[1].isEmpty else {
            throw .invalidURL("no name of a master: it follows the sentinels, as in /mymaster")
        }
        guard let name = RedisURL.percentDecoded(parts[1]).flatMap({ String(validating: $0, as: UTF8.self) }),
            name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .invalidURL("the master's name is badly percent-encoded, or holds control characters") }
        masterName = name
        if parts.count == 3, !parts[2].isEmpty {
            guard let database = RedisURL.database(parts[2]) else {
                throw .invalidURL("the database must be a number, and follows the master's name")
            }
            access.database = database
        }
        self.access = access
    }

    /// The sentinels, the master's name and the database, without credentials.
    public var description: String {
        let scheme = access.usesTLS ? "rediss-sentinel" : "redis-sentinel"
        let text = "\(scheme)://\(seeds.map(\.description).joined(separator: ","))/\(masterName)"
        return access.database == 0 ? text : "\(text) db \(access.database)"
    }
}
