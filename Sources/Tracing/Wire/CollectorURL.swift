import Bytes

/// Where a collector takes spans: `http://host[:port][/path]`.
public struct CollectorURL: Equatable, Sendable, CustomStringConvertible {
    /// A name, or an address without brackets.
    public let host: String
    /// The port that it listens on.
    public let port: UInt16
    /// What the request line asks for, with its query.
    public private(set) var target: String

    /// What a collector listens on where nothing else is said (OpenTelemetry's protocol exporter).
    public static let usual = "http://localhost:4318"
    private static let scheme = "http://"

    /// Reads a URL.
    /// - Parameter suffix: what is appended to its path: `/v1/traces` where the URL is for all signals.
    public init(_ url: String, appending suffix: String = "") throws(TracingError) {
        let lowercased = url.lowercased()
        guard !lowercased.hasPrefix("https://") else { throw .https }
        guard lowercased.hasPrefix(Self.scheme) else { throw .scheme }
        let rest = url.dropFirst(Self.scheme.count)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        (host, port) = try Self.authority(rest[..<end])
        target = try Self.target(rest[end...], suffix)
    }

    private static func authority(_ text: Substring) throws(TracingError) -> (String, UInt16) {
        guard !text.contains("@") else { throw .credentials }
        var host = text
        var port: UInt16 = 80
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy(Decimal.isDigit), let number = UInt16(digits), number > 0 else { throw .port }
            port = number
            host = text[..<colon]
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let isHost = host.utf8.allSatisfy { byte in
            Decimal.isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._".utf8.contains(byte)
                || (isBracketed && byte == UInt8(ascii: ":"))
        }
        guard !host.isEmpty, isHost else { throw .host }
        return (String(host), port)
    }

    private static func target(_ text: Substring, _ suffix: String) throws(TracingError) -> String {
        // Nothing that would end the request line.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("#"),
            suffix.isEmpty || !text.contains("?")
        else { throw .path }
        var path = text
        if !suffix.isEmpty {
            while path.hasSuffix("/") { path.removeLast() }
        }
        let target = path + suffix
        return target.hasPrefix("/") ? String(target) : "/\(target)"
    }

    /// `host:port`, as the field `Host` has it.
    public var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// The URL, without its query.
    public var description: String { "http://\(authority)\(target.prefix { $0 != "?" })" }
}
