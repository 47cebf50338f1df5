import Bytes

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
    /// Whether TLS is spoken there.
    public var usesTLS = false
    /// ACL user; `nil` is the default user.
    public var username: [UInt8]?
    /// Password; `nil` where none is asked for, empty where one is sent that is empty. Never part of ``description``.
    public var password: [UInt8]?
    /// Number of the database.
    public var database = 0

    /// Reads `redis://[user:password@]host[:port][/db]`, `rediss://` with the same, or
    /// `unix://[user:password@]/path[?db=n]`.
    ///
    /// User, password and path may be percent-encoded; an IPv6 address stands in brackets. `user@` leaves the password
    /// to be set, `user:@` is an empty one.
    /// - Throws: ``RESPError/invalidURL(_:)``, or ``RESPError/unsupportedScheme(_:)`` for `redis-sentinel`,
    ///   `redis-cluster` and the same with TLS.
    public init(_ url: String) throws(RESPError) {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw .invalidURL("no scheme")
        }
        let scheme = url[..<colon].lowercased()
        let rest = url[url.index(colon, offsetBy: 3)...]
        address = .unix(path: "")
        switch scheme {
        case "redis", "rediss":
            usesTLS = scheme == "rediss"
            // Of several, the last: a password may hold one that is not encoded.
            try takeTCP(try takeCredentials(rest, endingAt: rest.lastIndex(of: "@")))
        case "unix":
            // A path may hold one too, but credentials end before it.
            let path = rest.firstIndex(of: "/") ?? rest.endIndex
            try takeUnix(try takeCredentials(rest, endingAt: rest[..<path].lastIndex(of: "@")))
        case "redis-sentinel", "redis-cluster", "rediss-sentinel", "rediss-cluster": throw .unsupportedScheme(scheme)
        default: throw .invalidURL("scheme unknown")
        }
    }

    /// - Returns: what follows the credentials.
    private mutating func takeCredentials(
        _ text: Substring,
        endingAt end: Substring.Index?
    ) throws(RESPError) -> Substring {
        guard let end else { return text }
        let parts = text[..<end].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let decoded = parts.map(Self.percentDecoded)
        guard let user = decoded.first ?? nil, let secret = decoded.last ?? nil else {
            throw .invalidURL("user or password badly percent-encoded")
        }
        username = user.isEmpty ? nil : user
        if parts.count == 2, username != nil || !secret.isEmpty { password = secret }
        return text[text.index(after: end)...]
    }

    /// Longest path of a Unix socket, in bytes (unix(7)).
    private static let longestPath = 107

    private mutating func takeUnix(_ text: Substring) throws(RESPError) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let encoded = parts.first, encoded.hasPrefix("/"), encoded.count > 1 else {
            throw .invalidURL("the socket's path must be absolute")
        }
        // A path of other bytes would become another one.
        guard let path = Self.percentDecoded(encoded), !path.contains(0),
            let decoded = String(validating: path, as: UTF8.self)
        else { throw .invalidURL("the socket's path is badly percent-encoded") }
        guard path.count <= Self.longestPath else {
            throw .invalidURL("the socket's path has more than \(Self.longestPath) bytes")
        }
        address = .unix(path: decoded)
        guard parts.count == 2 else { return }
        guard parts[1].hasPrefix("db="), let database = Self.number(parts[1].dropFirst(3), in: Self.databases) else {
            throw .invalidURL("?db= must be a number")
        }
        self.database = database
    }

    private mutating func takeTCP(_ text: Substring) throws(RESPError) {
        guard !text.contains("?"), !text.contains("#") else {
            throw .invalidURL("nothing may follow the database, which is written /1")
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var host = parts[0]
        var port: UInt16 = 6379
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            guard let number = Self.number(host[host.index(after: colon)...], in: 1...Int(UInt16.max)) else {
                throw .invalidURL("port must be 1 to 65535")
            }
            port = UInt16(number)
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .invalidURL("an IPv6 address needs brackets")
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "\0" }) else {
            throw .invalidURL("no host")
        }
        guard !usesTLS || TLSName(String(host)) != nil else {
            throw .invalidURL("the host is no name that a certificate could be for")
        }
        address = .tcp(host: String(host), port: port)
        guard parts.count == 2, !parts[1].isEmpty else { return }
        guard let database = Self.number(parts[1], in: Self.databases) else {
            throw .invalidURL("the database must be a number")
        }
        self.database = database
    }

    private static let databases = 0...Int(Int32.max)

    /// Digits alone: no sign.
    private static func number(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy(Decimal.isDigit) else { return nil }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    private static func percentDecoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The address and database, without credentials.
    public var description: String {
        let place =
            switch address {
            case .unix(let path): "unix://\(path)"
            case .tcp(let host, let port):
                "\(usesTLS ? "rediss" : "redis")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            }
        return database == 0 ? place : "\(place) db \(database)"
    }
}
