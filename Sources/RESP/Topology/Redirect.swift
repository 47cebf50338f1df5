/// Where a node of a cluster sends who asked it for a key that it does not serve: `MOVED 3999 host:6381`, `ASK …`.
///
/// Source: Redis cluster specification, "MOVED redirection" and "ASK redirection",
/// <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>.
public struct Redirect: Equatable, Sendable {
    /// For how long.
    public enum Kind: Equatable, Sendable {
        /// The slot is served there from now on.
        case moved
        /// The slot is on its way there: this question alone is asked there, behind `ASKING`.
        case ask
    }

    /// For how long.
    public let kind: Kind
    /// Which slot it is about.
    public let slot: HashSlot
    /// The other node's host; `nil` where it is that of the node which says so.
    public let host: String?
    /// The other node's port.
    public let port: UInt16

    /// Reads an error; `nil` where it is none of these, or leads nowhere.
    public init?(_ reply: Reply) {
        guard reply.kind.isError else { return nil }
        self.init(message: reply.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
    }

    /// Reads an error's words, without the `-` in front.
    init?(message: String) {
        let words = message.split(separator: " ")
        guard words.count >= 3, let number = Int(words[1]), let slot = HashSlot(number) else { return nil }
        switch words[0] {
        case "MOVED": kind = .moved
        case "ASK": kind = .ask
        default: return nil
        }
        // An IPv6 address stands there without brackets, so the last colon counts.
        guard let colon = words[2].lastIndex(of: ":"), let port = UInt16(words[2][words[2].index(after: colon)...]),
            port > 0
        else { return nil }
        let host = words[2][..<colon]
        // A node without a name, where names are what is announced.
        guard host != "?" else { return nil }
        self.slot = slot
        self.host = host.isEmpty ? nil : String(host)
        self.port = port
    }
}
