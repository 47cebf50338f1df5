import Bytes

/// One reply of Redis, complete and well formed: a view on the connection's receive buffer.
///
/// Nothing is decoded or copied until it is asked for, and the compiler lets nobody keep it.
///
/// Source: Redis serialization protocol specification, <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
public struct Reply: ~Escapable {
    /// The kinds of reply of RESP2 and RESP3, by the byte that each starts with.
    public enum Kind: UInt8, Sendable {
        /// `+`
        case simpleString = 0x2B
        /// `-`
        case simpleError = 0x2D
        /// `:`
        case integer = 0x3A
        /// `$`
        case bulkString = 0x24
        /// `*`
        case array = 0x2A
        /// `_`, and RESP2's `$-1` and `*-1`.
        case null = 0x5F
        /// `#`
        case boolean = 0x23
        /// `,`
        case double = 0x2C
        /// `(`
        case bigNumber = 0x28
        /// `!`
        case bulkError = 0x21
        /// `=`
        case verbatimString = 0x3D
        /// `%`
        case map = 0x25
        /// `~`
        case set = 0x7E
        /// `>`: a message that answers no command.
        case push = 0x3E

        /// Whether Redis refused the command.
        public var isError: Bool { self == .simpleError || self == .bulkError }
    }

    /// What it is.
    public let kind: Kind
    /// What string-like kinds and numbers hold; of other kinds the bytes of all elements.
    public let bytes: RawSpan
    /// How many elements an array, set or push has; of a map, keys and values together.
    public let count: Int

    @_lifetime(copy bytes)
    init(kind: Kind, bytes: RawSpan, count: Int) {
        self.kind = kind
        self.bytes = bytes
        self.count = count
    }

    /// Whether there is nothing, as where a key does not exist.
    public var isNull: Bool { kind == .null }

    /// The value of an integer; `nil` of other kinds.
    public var integer: Int? { kind == .integer ? bytes.withUnsafeBytes { Decimal.parse(signed: $0) } : nil }

    /// The elements of an array, set, map or push, in order.
    public var elements: Elements { @_lifetime(copy self) get { Elements(rest: bytes, left: count) } }

    /// Walks elements without making an array of them.
    public struct Elements: ~Escapable {
        fileprivate var rest: RawSpan
        fileprivate var left: Int

        @_lifetime(copy rest)
        fileprivate init(rest: RawSpan, left: Int) {
            self.rest = rest
            self.left = left
        }

        /// The next element.
        @_lifetime(copy self)
        public mutating func next() -> Reply? {
            // The bytes were parsed as a whole before, so they parse again.
            guard left > 0, case .complete(let reply, let length)? = try? ReplyParser.parse(rest) else { return nil }
            left -= 1
            rest = rest[length..<rest.byteCount]
            return reply
        }
    }
}
