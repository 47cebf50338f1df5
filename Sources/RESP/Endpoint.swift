/// Where one Redis server is, and as whom to speak to it: what `REDIS_URL` says.
public struct Endpoint: Equatable, Sendable, CustomStringConvertible {
    /// How it is reached.
    public enum Address: Equatable, Sendable {
        /// A host name or numeric address, and a port.
        case tcp(host: String, port: UInt16)
        /// The absolute path of a Unix socket.
        case unix(path: String)
    }

    /// How it is reached.
    public var address: Address
    /// ACL user; `nil` is the default user.
    public var username: [UInt8]?
    /// Password; `nil` where none is asked for. Never part of ``description``.
    public var password: [UInt8]?
    /// Number of the database.
    public var database = 0

    /// Reads `redis://[user:password@]host[:port][/db]` or `unix://[user:password@]/path[?db=n]`.
    ///
    /// User and password may be percent-encoded; an IPv6 address stands in brackets.
    /// - Throws: ``RESPError/invalidURL(_:)``, or ``RESPError/unsupportedScheme(_:)`` for `rediss`, `redis-sentinel`
    ///   and `redis-cluster`.
    public init(_ url: String) throws(RESPError) {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw .invalidURL("no scheme")
        }
        let scheme = url[..<colon]
        var rest = url[url.index(colon, offsetBy: 3)...]
        switch scheme {
        case "redis", "unix": break
        case "rediss", "redis-sentinel", "redis-cluster": throw .unsupportedScheme(String(scheme))
        default: throw .invalidURL("scheme unknown")
        }
        address = .unix(path: "")
        if let at = rest.lastIndex(of: "@") {
            try takeCredentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        if scheme == "unix" {
            try takeUnix(rest)
        } else {
            try takeTCP(rest)
        }
    }

    private mutating func takeCredentials(_ text: Substring) throws(RESPError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let decoded = parts.map(Self.percentDecoded)
        guard let user = decoded.first ?? nil, let secret = decoded.last ?? nil else {
            throw .invalidURL("user or password badly percent-encoded")
        }
        guard parts.count == 2 else { throw .invalidURL("a user without a password") }
        username = user.isEmpty ? nil : user
        password = secret.isEmpty ? nil : secret
    }

    private mutating func takeUnix(_ text: Substring) throws(RESPError) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/"), path.count > 1 else {
            throw .invalidURL("the socket's path must be absolute")
        }
        address = .unix(path: String(path))
        guard parts.count == 2 else { return }
        guard parts[1].hasPrefix("db="), let database = Self.database(parts[1].dropFirst(3)) else {
            throw .invalidURL("?db= must be a number")
        }
        self.database = database
    }

    private mutating func takeTCP(_ text: Substring) throws(RESPError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var host = parts[0]
        var port: UInt16 = 6379
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            guard let number = UInt16(host[host.index(after: colon)...]), number > 0 else {
                throw .invalidURL("port must be 1 to 65535")
            }
            port = number
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .invalidURL("an IPv6 address needs brackets")
        }
        guard !host.isEmpty else { throw .invalidURL("no host") }
        address = .tcp(host: String(host), port: port)
        guard parts.count == 2, !parts[1].isEmpty else { return }
        guard let database = Self.database(parts[1]) else { throw .invalidURL("the database must be a number") }
        self.database = database
    }

    private static func database(_ text: Substring) -> Int? {
        Int(text).flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
    }

    private static func percentDecoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The address and database, without credentials.
    public var description: String {
        let place =
            switch address {
            case .unix(let path): "unix://\(path)"
            case .tcp(let host, let port):
                host.contains(":") ? "redis://[\(host)]:\(port)" : "redis://\(host):\(port)"
            }
        return database == 0 ? place : "\(place) db \(database)"
    }
}
