import SwiftSupport
import Testing

@testable import RESP

struct ReplyParserTests {
    private static let replies: [(String, Reply.Kind)] = [
        ("+OK\r\n", .simpleString), ("+\r\n", .simpleString), ("-ERR no such thing\r\n", .simpleError),
        (":0\r\n", .integer), (":-9223372036854775808\r\n", .integer), ("$0\r\n\r\n", .bulkString),
        ("$5\r\na\r\nb\n\r\n", .bulkString), ("$-1\r\n", .null), ("*-1\r\n", .null), ("_\r\n", .null),
        ("#t\r\n", .boolean), (",3.14\r\n", .double), ("(12345678901234567890\r\n", .bigNumber),
        ("!5\r\nERR x\r\n", .bulkError), ("=7\r\ntxt:abc\r\n", .verbatimString), ("*0\r\n", .array),
        ("*3\r\n:1\r\n$1\r\na\r\n*1\r\n+x\r\n", .array), ("%1\r\n+k\r\n:1\r\n", .map), ("~2\r\n:1\r\n:2\r\n", .set),
        (">2\r\n+invalidate\r\n_\r\n", .push),
    ]

    @Test(arguments: replies)
    func everySplitOfEveryReply(text: String, kind: Reply.Kind) throws {
        let bytes = Array(text.utf8)
        for length in 0...bytes.count {
            // What follows makes no difference.
            for tail in length == bytes.count ? ["", "+OK\r\n", "$"] : [""] {
                try (Array(bytes[..<length]) + Array(tail.utf8)).withSpan { part in
                    switch try ReplyParser.parse(part) {
                    case .complete(let reply, let end):
                        #expect(length == bytes.count && end == bytes.count && reply.kind == kind)
                    case .incomplete(let minimum):
                        #expect(length < bytes.count && minimum > length && minimum <= bytes.count)
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            "x\r\n", "\r\n", "$x\r\n", "$-2\r\n", "$536870913\r\n", "$2\r\nabc\r\n", ":\r\n", ":1x\r\n",
            ":9223372036854775808\r\n", "*-2\r\n", "*99999999\r\n", "#x\r\n", "_x\r\n", "+a\rb\r\n", "=2\r\nab\r\n",
            "*?\r\n", "$?\r\n", "|1\r\n+a\r\n+b\r\n:1\r\n", "!-1\r\n",
        ]
    )
    func whatIsNoReplyIsRefused(text: String) {
        #expect(throws: RESPError.self) { try Array(text.utf8).withSpan { _ = try ReplyParser.parse($0) } }
    }

    @Test func nestingAndLinesAreBounded() {
        let deep = Array(String(repeating: "*1\r\n", count: 40).utf8)
        #expect(throws: RESPError.self) { try deep.withSpan { _ = try ReplyParser.parse($0) } }
        let long = [UInt8](repeating: 0x2B, count: 70_000)
        #expect(throws: RESPError.self) { try long.withSpan { _ = try ReplyParser.parse($0) } }
    }

    @Test func repliesAreWalkedWithoutCopies() throws {
        try Array("*4\r\n:42\r\n$3\r\nabc\r\n%1\r\n+k\r\n+v\r\n-NOSCRIPT No matching\r\n".utf8).withSpan {
            bytes in
            guard case .complete(let reply, _) = try ReplyParser.parse(bytes) else {
                Issue.record("not complete")
                return
            }
            var texts: [String] = []
            var elements = reply.elements
            while let element = elements.next() {
                texts.append(text(element.bytes))
                var inner = element.elements
                while let element = inner.next() { texts.append(text(element.bytes)) }
            }
            #expect(texts == ["42", "abc", "+k\r\n+v\r\n", "k", "v", "NOSCRIPT No matching"])
        }
    }

    private func text(_ bytes: RawSpan) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    @Test func mutationsDoNoHarm() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<100_000 {
            var bytes = Array(Self.replies.randomElement(using: &random)!.0.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = Array("0123456789*$:+-_\r\n%".utf8)
                    .randomElement(using: &random)!
            }
            bytes.withSpan { bytes in
                guard case .complete(let reply, let length)? = try? ReplyParser.parse(bytes) else { return }
                #expect(length <= bytes.byteCount)
                var elements = reply.elements
                while let element = elements.next() { _ = element.integer }
            }
        }
    }
}
