@testable import RESP

/// A reply is complete at one length only, and not before.
enum RepliesTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        guard case .complete(let length)? = outcome(bytes[...]) else { return nil }
        guard length <= bytes.count else { return "longer than what came" }
        for count in Set([0, 1, length / 2, length - 1]) where count >= 0 && count < length {
            guard case .incomplete(let minimum)? = outcome(bytes[..<count]) else { return "complete at \(count) too" }
            guard minimum > count, minimum <= length else { return "\(minimum) of \(length) bytes after \(count)" }
        }
        return outcome(bytes[..<length]) == .complete(length) ? nil : "another one without what follows"
    }

    private enum Outcome: Equatable {
        case complete(Int)
        case incomplete(Int)
    }

    /// - Returns: `nil` where it is refused.
    private static func outcome(_ bytes: ArraySlice<UInt8>) -> Outcome? {
        switch try? ReplyParser.parse(Array(bytes).span.bytes) {
        case .complete(let reply, let length):
            // All of it can be read.
            _ = (reply.integer, reply.kind.isError ? ServerError(reply) : nil)
            var elements = reply.elements
            while let element = elements.next() { _ = element.bytes.byteCount }
            return .complete(length)
        case .incomplete(let minimum): return .incomplete(minimum)
        case nil: return nil
        }
    }

    static let seeds = [
        "+OK\r\n", "-ERR no\r\n", ":42\r\n", "$5\r\nhello\r\n+next\r\n", "$-1\r\n", "*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
        "%1\r\n+role\r\n+master\r\n", "~1\r\n#t\r\n", ",1.5\r\n", "(123\r\n", "=7\r\ntxt:abc\r\n", "_\r\n",
        ">2\r\n+a\r\n+b\r\n", "!5\r\nERR x\r\n", "*0\r\n", "$0\r\n\r\n", "*-1\r\n",
    ]
}
