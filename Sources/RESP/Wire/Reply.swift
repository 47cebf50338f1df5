import Bytes

/// One reply of Redis, complete and well formed: a view on the connection's receive buffer.
///
/// Nothing is decoded or copied until it is asked for, and nothing of it may be kept: the bytes are valid only while
/// ``ReplyReceiver/receive(_:)`` runs.
///
/// Source: Redis serialization protocol specification, <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
public struct Reply {
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
    public let bytes: UnsafeRawBufferPointer
    /// How many elements an array, set or push has; of a map, keys and values together.
    public let count: Int

    /// Whether there is nothing, as where a key does not exist.
    public var isNull: Bool { kind == .null }

    /// The value of an integer; `nil` of other kinds.
    public var integer: Int? { kind == .integer ? Decimal.parse(signed: bytes) : nil }

    /// The first word of an error (`OOM`, `NOSCRIPT`, …), which is what programs go by. The rest may quote a key.
    public var errorCode: UnsafeRawBufferPointer {
        guard kind.isError else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != UInt8(ascii: " ") })
    }

    /// The elements of an array, set, map or push, in order.
    public var elements: Elements { Elements(rest: bytes, left: count) }

    /// Walks elements without making an array of them.
    public struct Elements: Sequence, IteratorProtocol {
        fileprivate var rest: UnsafeRawBufferPointer
        fileprivate var left: Int

        /// The next element.
        public mutating func next() -> Reply? {
            // The bytes were parsed as a whole before, so they parse again.
            guard left > 0, case .complete(let reply, let length)? = try? ReplyParser.parse(rest) else { return nil }
            left -= 1
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
            return reply
        }
    }
}
