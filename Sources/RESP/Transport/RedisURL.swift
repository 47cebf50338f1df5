import Bytes

/// A Redis URL, cut into parts and not understood yet.
struct RedisURL {
    /// In lower case.
    let scheme: String
    /// What follows `://`.
    let rest: Substring

    init(_ url: String) throws(RESPError) {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw .invalidURL("no scheme")
        }
        scheme = url[..<colon].lowercased()
        rest = url[url.index(colon, offsetBy: 3)...]
    }

    /// Of several `@`, the last ends the credentials: a password may hold one that is not encoded.
    var authorityEnd: Substring.Index? { rest.lastIndex(of: "@") }

    /// Reads what may be in front of hosts and paths: `user:password@`.
    /// - Returns: what follows the credentials.
    func takeCredentials(into access: inout Access, endingAt end: Substring.Index?) throws(RESPError) -> Substring {
        guard let end else { return rest }
        let parts = rest[..<end].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let decoded = parts.map(PercentEncoding.decoded)
        guard let user = decoded.first ?? nil, let secret = decoded.last ?? nil else {
            throw .invalidURL("user or password badly percent-encoded")
        }
        access.username = user.isEmpty ? nil : user
        if parts.count == 2, access.username != nil || !secret.isEmpty { access.password = secret }
        return rest[rest.index(after: end)...]
    }

    /// Reads `host[:port]`, where an IPv6 address stands in brackets.
    /// - Parameter isForTLS: whether the host must be one that a certificate could be for.
    static func address(
        _ text: Substring,
        port usual: UInt16,
        isForTLS: Bool
    ) throws(RESPError) -> Endpoint.Address {
        var host = text
        var port = usual
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            guard let number = number(host[host.index(after: colon)...], in: 1...Int(UInt16.max)) else {
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
        guard !isForTLS || TLSName(String(host)) != nil else {
            throw .invalidURL("the host is no name that a certificate could be for")
        }
        return .tcp(host: String(host), port: port)
    }

    /// Reads a list of them, with commas between. Whoever is named twice is one.
    private static func addresses(
        _ text: Substring,
        port usual: UInt16,
        isForTLS: Bool
    ) throws(RESPError) -> [Endpoint.Address] {
        var addresses: [Endpoint.Address] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty else {
                throw .invalidURL(text.isEmpty ? "no host" : "a comma without a host on each side of it")
            }
            let address = try address(part, port: usual, isForTLS: isForTLS)
            if !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }

    /// Reads `[user:password@]host[:port],host[:port]`, behind which a `/` and a path may follow.
    /// - Returns: as whom and by what the servers are spoken to, their addresses, and the path, which is empty where there is none.
    func cutSeeds(port usual: UInt16) throws(RESPError) -> (Access, seeds: [Endpoint.Address], path: Substring) {
        var access = Access(usesTLS: scheme.hasPrefix("rediss-"))
        let text = try takeCredentials(into: &access, endingAt: authorityEnd)
        try Self.refuseQuery(text)
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let seeds = try Self.addresses(parts[0], port: usual, isForTLS: access.usesTLS)
        return (access, seeds, parts.count > 1 ? parts[1] : "")
    }

    private static let databases = 0...Int(Int32.max)

    /// Reads a database's number; `nil` for anything else.
    static func database(_ text: Substring) -> Int? { number(text, in: databases) }

    /// Nothing may be behind a path: what is there was meant for something.
    static func refuseQuery(_ text: Substring) throws(RESPError) {
        guard !text.contains("?"), !text.contains("#") else {
            throw .invalidURL("nothing may follow the database, which is written /1")
        }
    }

    /// Digits alone: no sign.
    private static func number(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy(Decimal.isDigit) else { return nil }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}
