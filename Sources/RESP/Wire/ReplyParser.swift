import Bytes
import Glibc

/// Finds complete replies in what has been received. A pure function of the bytes: it knows no connection.
public enum ReplyParser {
    /// What there is at the start of the bytes.
    public enum Result: ~Escapable {
        /// A reply, and how many bytes it takes.
        case complete(Reply, length: Int)
        /// Not all of one. It takes at least this many bytes in all, which tells how much to make room for.
        case incomplete(minimum: Int)
    }

    /// Longest string that is accepted, in bytes: Redis's own default limit.
    public static let longestString = 512 << 20
    /// Most elements that are accepted in one aggregate.
    public static let mostElements = 1 << 20
    /// How deep aggregates may lie in each other.
    public static let deepestNesting = 32
    /// Longest line that is accepted where there is no length, in bytes: simple strings, errors, numbers.
    public static let longestLine = 64 << 10

    /// Looks at the start of `bytes`.
    /// - Throws: ``RESPError/protocolError(_:)`` if no reply starts like this.
    @_lifetime(copy bytes)
    public static func parse(_ bytes: RawSpan) throws(RESPError) -> Result {
        let found = try bytes.withUnsafeBytes { bytes throws(RESPError) in try parse(bytes, depth: 0) }
        switch found {
        case .complete(let reply, let length):
            let content = RawSpan(reply.bytes, in: bytes)
            return .complete(Reply(kind: reply.kind, bytes: content, count: reply.count), length: length)
        case .incomplete(let minimum): return .incomplete(minimum: minimum)
        }
    }

    /// The same as ``Result``, with an address in place of a view.
    private enum Found {
        case complete(Whole, length: Int)
        case incomplete(minimum: Int)
    }

    /// The same as ``Reply``.
    private struct Whole {
        var kind: Reply.Kind
        var bytes: UnsafeRawBufferPointer
        var count: Int
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(RESPError) -> Found {
        guard let first = bytes.first else { return .incomplete(minimum: 1) }
        guard let kind = Reply.Kind(rawValue: first) else { throw .protocolError("a reply of an unknown kind") }
        guard let (line, next) = try line(bytes) else { return .incomplete(minimum: bytes.count + 1) }
        switch kind {
        case .simpleString, .simpleError, .bigNumber, .double:
            return .complete(Whole(kind: kind, bytes: line, count: 0), length: next)
        case .integer:
            guard Decimal.parse(signed: line) != nil else { throw .protocolError("an integer that is none") }
            return .complete(Whole(kind: kind, bytes: line, count: 0), length: next)
        case .boolean:
            guard line.count == 1, line[0] == UInt8(ascii: "t") || line[0] == UInt8(ascii: "f") else {
                throw .protocolError("a boolean that is none")
            }
            return .complete(Whole(kind: kind, bytes: line, count: 0), length: next)
        case .null:
            guard line.isEmpty else { throw .protocolError("a null that is none") }
            return .complete(Whole(kind: kind, bytes: line, count: 0), length: next)
        case .bulkString, .bulkError, .verbatimString:
            return try string(kind, bytes, line, next)
        case .array, .set, .push, .map:
            return try aggregate(kind, bytes, line, next, depth)
        }
    }

    private static func string(
        _ kind: Reply.Kind,
        _ bytes: UnsafeRawBufferPointer,
        _ line: UnsafeRawBufferPointer,
        _ start: Int
    ) throws(RESPError) -> Found {
        guard let length = Decimal.parse(signed: line), length <= longestString else {
            throw .protocolError("a string of no sensible length")
        }
        if length == -1, kind == .bulkString {
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            return .complete(Whole(kind: .null, bytes: nothing, count: 0), length: start)
        }
        guard length >= 0 else { throw .protocolError("a string of no sensible length") }
        let end = start + length
        guard bytes.count >= end + 2 else { return .incomplete(minimum: end + 2) }
        guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
            throw .protocolError("a string that is longer than it says")
        }
        var content = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        if kind == .verbatimString {
            guard length >= 4, content[3] == UInt8(ascii: ":") else {
                throw .protocolError("a verbatim string without a format")
            }
            content = UnsafeRawBufferPointer(rebasing: content[4...])
        }
        return .complete(Whole(kind: kind, bytes: content, count: 0), length: end + 2)
    }

    private static func aggregate(
        _ kind: Reply.Kind,
        _ bytes: UnsafeRawBufferPointer,
        _ line: UnsafeRawBufferPointer,
        _ start: Int,
        _ depth: Int
    ) throws(RESPError) -> Found {
        guard depth < deepestNesting else { throw .protocolError("replies nested too deep") }
        guard let announced = Decimal.parse(signed: line), announced <= mostElements else {
            throw .protocolError("an aggregate of no sensible length")
        }
        if announced == -1, kind == .array {
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            return .complete(Whole(kind: .null, bytes: nothing, count: 0), length: start)
        }
        guard announced >= 0 else { throw .protocolError("an aggregate of no sensible length") }
        let count = kind == .map ? 2 * announced : announced
        var at = start
        for index in 0..<count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
            switch try parse(rest, depth: depth + 1) {
            case .complete(_, let length): at += length
            // Each element still to come takes three bytes at least.
            case .incomplete(let minimum): return .incomplete(minimum: at + minimum + 3 * (count - index - 1))
            }
        }
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<at])
        return .complete(Whole(kind: kind, bytes: content, count: count), length: at)
    }

    /// The first line without the kind and the line end, and where the next one starts; `nil` if it is not all there.
    private static func line(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RESPError) -> (line: UnsafeRawBufferPointer, next: Int)? {
        guard let start = bytes.baseAddress else { return nil }
        let searched = min(bytes.count, longestLine)
        guard let found = memchr(start, Int32(UInt8(ascii: "\r")), searched) else {
            guard bytes.count < longestLine else { throw .protocolError("a line without an end") }
            return nil
        }
        let end = start.distance(to: UnsafeRawPointer(found))
        guard end + 1 < bytes.count else { return nil }
        guard bytes[end + 1] == UInt8(ascii: "\n") else { throw .protocolError("a line that ends in half") }
        return (UnsafeRawBufferPointer(rebasing: bytes[1..<end]), end + 2)
    }
}
