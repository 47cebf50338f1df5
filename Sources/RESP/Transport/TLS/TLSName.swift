import Glibc

/// What a server's certificate must be for: a host's name, or an address.
enum TLSName: Equatable, Sendable, CustomStringConvertible {
    /// A name, without the dot at its end that keeps resolvers from adding to it.
    case host(String)
    /// An IPv4 or IPv6 address. It is never sent as the wanted server's name (RFC 6066, section 3).
    case address(String)

    /// Reads a name or a numeric address; `nil` for what can be neither.
    init?(_ text: String) {
        if Self.isAddress(text) {
            self = .address(text)
            return
        }
        let name = text.hasSuffix(".") ? String(text.dropLast()) : text
        let isName = name.utf8.allSatisfy {
            $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
        }
        guard isName, (1...Self.longest).contains(name.utf8.count), !name.hasPrefix(".") else { return nil }
        self = .host(name)
    }

    /// Longest name of a host, in bytes (RFC 1035, section 2.3.4).
    private static let longest = 253

    private static func isAddress(_ text: String) -> Bool {
        var bytes = in6_addr()
        return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1
    }

    var description: String {
        switch self {
        case .host(let text), .address(let text): text
        }
    }
}
