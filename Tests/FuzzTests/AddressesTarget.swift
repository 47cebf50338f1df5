@testable import FastCGI
@testable import RESP

/// An address that is read can be used, and says nothing of its password.
enum AddressesTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        if let address = try? ListenAddress(text) {
            guard (try? ListenAddress(address.description)) == address else { return "another address to listen at" }
        }
        guard let topology = try? Topology(text) else { return nil }
        let addresses: [Endpoint.Address]
        switch topology {
        case .single(let endpoint): addresses = [endpoint.address]
        case .sentinel(let sentinel):
            addresses = sentinel.seeds
            guard !sentinel.masterName.isEmpty else { return "no name of a master" }
        case .cluster(let cluster): addresses = cluster.seeds
        }
        guard !addresses.isEmpty, Set(addresses).count == addresses.count else { return "no server, or one twice" }
        for address in addresses {
            switch address {
            case .tcp(let host, let port): if host.isEmpty || port == 0 { return "neither host nor port" }
            case .unix(let path): if !path.hasPrefix("/") || path.utf8.count > 107 { return "no path" }
            }
        }
        guard topology.access.database >= 0 else { return "a database below zero" }
        var secret = topology
        secret.access.password = Array("s3cr3t-of-its-own".utf8)
        return secret.description.contains("s3cr3t") ? "it tells the password" : nil
    }

    static let seeds = [
        "redis://127.0.0.1:6379", "redis://user:p%40ss@host:1/2", "redis://:secret@[::1]:6380/0",
        "unix:///run/r.sock?db=3", "unix://user:@/a%20b", "redis://user@host", "rediss://x", "REDIS://h",
        "redis-sentinel://a:1,b:2/m", "rediss-sentinel://u:p@a,[::1]:1/m%20/3", "redis-cluster://a:1,b/0",
        "unix:///%ff%d0%d0", "unix:/run/x.sock", "tcp:[::1]:9000", "tcp:0.0.0.0:1",
    ]
}
