import Bytes

/// What a sentinel says of the master when it is asked who that is.
public enum SentinelStatement: Equatable, Sendable {
    /// This server is the master, since the failover of this number: the larger, the later.
    case names(Endpoint.Address, epoch: Int)
    /// It watches no master of this name.
    case knowsNoSuchMaster
    /// It refuses to be asked, with this error, or words of its own: a right is missing, or it is no sentinel.
    case refuses(ServerError.Code?)
    /// What it says makes no sense.
    case isGarbage
    /// It was asked and does not answer.
    case isAway
}

/// Reads a statement from the replies to ``SentinelCommands/askForMaster(_:_:)``.
public struct SentinelReading {
    private var epoch = 0
    private var refusal: SentinelStatement?

    /// Makes one for the next replies.
    public init() {}

    /// Takes a reply.
    /// - Parameter index: which of the two commands it answers.
    /// - Returns: what is said, after the second.
    public mutating func take(_ reply: Reply, _ index: Int) -> SentinelStatement? {
        guard index > 0 else {
            refusal = nil
            epoch = 0
            if reply.kind.isError {
                refusal = .refuses(ServerError(reply).code)
            } else {
                epoch = Self.epoch(reply) ?? 0
            }
            return nil
        }
        if reply.isNull { return .knowsNoSuchMaster }
        if reply.kind.isError { return refusal ?? .refuses(ServerError(reply).code) }
        guard let address = Self.address(reply) else { return .isGarbage }
        return .names(address, epoch: epoch)
    }

    /// Reads `config-epoch` among names and values, which are a map or, in RESP2, an array.
    private static func epoch(_ reply: Reply) -> Int? {
        var elements = reply.elements
        while let name = elements.next(), let value = elements.next() {
            if name.bytes.equals("config-epoch") { return value.bytes.withUnsafeBytes { Decimal.parse(signed: $0) } }
        }
        return nil
    }

    private static func address(_ reply: Reply) -> Endpoint.Address? {
        var elements = reply.elements
        guard reply.kind == .array, reply.count == 2, let host = elements.next(), let port = elements.next() else {
            return nil
        }
        return SentinelAddress.read(host: text(host), port: text(port))
    }

    private static func text(_ reply: Reply) -> String {
        reply.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

/// The address of a server as sentinels write it.
enum SentinelAddress {
    /// Longest name of a host, in bytes (RFC 1035, section 2.3.4).
    private static let longestHost = 253

    static func read(host: String, port: String) -> Endpoint.Address? {
        guard (1...longestHost).contains(host.utf8.count), host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let port = UInt16(port), port > 0
        else { return nil }
        return .tcp(host: host.lowercased(), port: port)
    }
}

/// `+switch-master`: a sentinel has another master than before.
public struct SwitchMaster: Equatable, Sendable {
    /// What the sentinels call the master.
    public let masterName: String
    /// The new one.
    public let address: Endpoint.Address

    /// Reads a message of a subscription; `nil` where it is another one, or makes no sense.
    public init?(_ push: Reply) {
        var elements = push.elements
        guard push.kind == .push, push.count == 3, let kind = elements.next(), kind.bytes.equals("message"),
            let channel = elements.next(), channel.bytes.equals("+switch-master"), let content = elements.next()
        else { return nil }
        self.init(message: content.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
    }

    /// Reads `name old-host old-port new-host new-port`.
    init?(message: String) {
        let words = message.split(separator: " ")
        // A name may hold spaces, in theory; addresses do not.
        guard words.count >= 5 else { return nil }
        let (host, port) = (String(words[words.count - 2]), String(words[words.count - 1]))
        guard let address = SentinelAddress.read(host: host, port: port) else { return nil }
        masterName = words[..<(words.count - 4)].joined(separator: " ")
        self.address = address
    }
}
