@testable import FastCGI
@testable import RESP

/// An address that is read can be used, and says nothing of its password.
enum AddressesTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        if let address = try? ListenAddress(text) {
            guard (try? ListenAddress(address.description)) == address else { return "another address to listen at" }
        }
        guard let endpoint = try? Endpoint(text) else { return nil }
        switch endpoint.address {
        case .tcp(let host, let port): if host.isEmpty || port == 0 { return "neither host nor port" }
        case .unix(let path): if !path.hasPrefix("/") || path.utf8.count > 107 { return "no path" }
        }
        guard endpoint.database >= 0 else { return "a database below zero" }
        var secret = endpoint
        secret.password = Array("s3cr3t-of-its-own".utf8)
        return secret.description.contains("s3cr3t") ? "it tells the password" : nil
    }

    static let seeds = [
        "redis://127.0.0.1:6379", "redis://user:p%40ss@host:1/2", "redis://:secret@[::1]:6380/0",
        "unix:///run/r.sock?db=3", "unix://user:@/a%20b", "redis://user@host", "rediss://x", "REDIS://h",
        "redis-sentinel://a:1,b:2/m", "unix:///%ff%d0%d0", "unix:/run/x.sock", "tcp:[::1]:9000", "tcp:0.0.0.0:1",
    ]
}
