/// Where a server listens: `unix:/path` or `tcp:host:port`.
public enum ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// A Unix socket at an absolute path.
    case unix(path: String)
    /// A TCP port, 1 to 65535, of a host name or numeric address.
    case tcp(host: String, port: UInt16)

    /// Reads the text form. An IPv6 address stands in brackets: `tcp:[::1]:9000`.
    /// - Throws: ``FastCGIError/invalidAddress(_:)``.
    public init(_ text: String) throws(FastCGIError) {
        if text.hasPrefix("unix:/") {
            self = .unix(path: String(text.dropFirst("unix:".count)))
            return
        }
        guard text.hasPrefix("tcp:"), let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { throw .invalidAddress(text) }
        let start = text.index(text.startIndex, offsetBy: "tcp:".count)
        guard start < colon else { throw .invalidAddress(text) }
        var host = text[start..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .invalidAddress(text)
        }
        guard !host.isEmpty else { throw .invalidAddress(text) }
        self = .tcp(host: String(host), port: port)
    }

    /// The text form.
    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "tcp:[\(host)]:\(port)" : "tcp:\(host):\(port)"
        }
    }
}
