import Bytes

/// What goes ahead of a batch of spans: the head of the request that carries it.
public struct CollectorRequest: Equatable, Sendable {
    /// Where it goes.
    public let url: CollectorURL
    private let fields: [UInt8]

    private static let own = [
        "host", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection",
    ]

    /// A request to a collector.
    /// - Parameters:
    ///   - more: further fields of the operator's, which may hold secrets.
    ///   - agent: what `User-Agent` says, unless these do.
    /// - Throws: ``TracingError/field``.
    public init(_ url: CollectorURL, _ more: KeyValueList, agent: String) throws(TracingError) {
        self.url = url
        var fields: [UInt8] = []
        var hasAgent = false
        for (name, value) in more.pairs {
            let lowercased = name.lowercased()
            guard name.utf8.allSatisfy(Self.isTokenCharacter), !Self.own.contains(lowercased),
                value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 })
            else { throw .field }
            hasAgent = hasAgent || lowercased == "user-agent"
            fields.append(contentsOf: "\(name): \(value)\r\n".utf8)
        }
        if !hasAgent { fields.append(contentsOf: "User-Agent: \(agent)\r\n".utf8) }
        self.fields = fields
    }

    /// The head for a body of so many bytes.
    func head(length: Int) -> [UInt8] {
        var head: [UInt8] = []
        head.append(contentsOf: "POST \(url.target) HTTP/1.1\r\nHost: \(url.authority)\r\n".utf8)
        head.append("Content-Type: application/json\r\nConnection: close\r\nContent-Length: ")
        head.append(decimal: length)
        head.append("\r\n")
        head.append(contentsOf: fields)
        head.append("\r\n")
        return head
    }

    /// Source: RFC 9110, section 5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        Decimal.isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
