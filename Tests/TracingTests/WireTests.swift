import Foundation
import Testing

@testable import Tracing

struct WireTests {
    // MARK: Settings

    private func pairs(_ text: String) throws(TracingError) -> [String] {
        try KeyValueList(text).pairs.map { "\($0.name)|\($0.value)" }
    }

    @Test func listsHaveNamesAndValues() throws {
        #expect(try pairs("") == [])
        #expect(try pairs("a=1,b=2") == ["a|1", "b|2"])
        #expect(try pairs(" a = 1 ,\tb=2, ") == ["a|1", "b|2"])
        #expect(try pairs("a=x%20y%2Cz,b=c=d,e=") == ["a|x y,z", "b|c=d", "e|"])
        #expect(try pairs("a=1,b=2,a=3") == ["b|2", "a|3"])
    }

    @Test(arguments: ["a", "=1", "a=1,b", "a=%", "a=%2", "a=%zz", "a=%ff", "a=1;b"].filter { $0 != "a=1;b" })
    func otherwiseTheyAreNone(text: String) { #expect(throws: TracingError.list) { try pairs(text) } }

    @Test func urlsSayWhereAndWhat() throws {
        func url(_ text: String, _ suffix: String = "") throws -> String {
            let url = try CollectorURL(text, appending: suffix)
            return "\(url.host) \(url.port) \(url.target) \(url.authority)"
        }
        #expect(try url("http://h", "/v1/traces") == "h 80 /v1/traces h:80")
        #expect(try url("HTTP://h.x:4318/", "/v1/traces") == "h.x 4318 /v1/traces h.x:4318")
        #expect(try url("http://h/base//", "/v1/traces") == "h 80 /base/v1/traces h:80")
        #expect(try url("http://[::1]:4318/a?b=c") == "::1 4318 /a?b=c [::1]:4318")
        #expect(try url("http://[::1]") == "::1 80 / [::1]:80")
        #expect(try url("http://h?b") == "h 80 /?b h:80")
        #expect(try "\(CollectorURL("http://h:1/a?secret"))" == "http://h:1/a")
    }

    @Test(
        arguments: [
            ("https://h", TracingError.https), ("HTTPS://h", .https), ("h:4318", .scheme), ("", .scheme),
            ("grpc://h", .scheme),
            ("http://", .host), ("http://:1", .host), ("http://a b", .host), ("http://::1", .host),
            ("http://h\r\n", .host),
            ("http://u:p@h", .credentials), ("http://h:", .port), ("http://h:0", .port), ("http://h:65536", .port),
            ("http://h:+1", .port), ("http://h/a b", .path), ("http://h/\r\nX: y", .path), ("http://h/#a", .path),
            ("http://h/ä", .path), ("http://h/?a", .path),
        ]
    )
    func orWhatIsWrong(text: String, error: TracingError) {
        #expect(throws: error) { try CollectorURL(text, appending: "/v1/traces") }
    }

    @Test func requestsHaveTheFieldsThatAreWanted() throws {
        let url = try CollectorURL("http://h:4318", appending: "/v1/traces")
        let request = try CollectorRequest(url, try KeyValueList("a=1,b=x%20y"), agent: "t/1")
        #expect(
            String(decoding: request.head(length: 12), as: UTF8.self) == """
                POST /v1/traces HTTP/1.1\r
                Host: h:4318\r
                Content-Type: application/json\r
                Connection: close\r
                Content-Length: 12\r
                a: 1\r
                b: x y\r
                User-Agent: t/1\r
                \r\n
                """
        )
        let own = try CollectorRequest(url, try KeyValueList("user-agent=me"), agent: "t/1")
        #expect(!String(decoding: own.head(length: 0), as: UTF8.self).contains("t/1"))
        for list in ["Host=x", "content-length=1", "a b=1", "a=%0d%0aX:1", "a=%00", "%C3%A4=1", "connection=close"] {
            let list = try KeyValueList(list)
            #expect(throws: TracingError.field) { try CollectorRequest(url, list, agent: "t/1") }
        }
    }

    // MARK: Spans

    private func span(parent: UInt64 = 0, state: String? = nil) throws -> Span {
        Span(
            try #require(TraceID(high: 1, low: 2)),
            try #require(SpanID(3)),
            parent: SpanID(parent),
            hasRemoteParent: parent != 0,
            traceState: state.map { Array($0.utf8) },
            start: 1_700_000_000_000_000_001,
            end: 5
        )
    }

    @Test func aBatchIsWhatTheProtocolWants() throws {
        var resource = KeyValueList()
        resource["service.name"] = "a \"b\" ä"
        var (one, other, more) = (SpanAttributes(), SpanAttributes(), SpanAttributes())
        one.add("text", "x")
        other.add("escaped", "\"\\\n")
        more.add("number", -7)
        more.add("text", "x")
        var document = SpanDocument(SpanSource(resource: resource, scope: ("s", "1"), schema: "u"))
        document.begin(try span(), SpanText("GET /a\"", .server, one))
        document.endSpan(isError: false)
        document.begin(try span(parent: 0xfe, state: "a=\"1\""), SpanText("b", .client, other))
        document.add(more)
        document.add("plain", plain: Array("h".utf8))
        document.add("port", 80)
        document.endSpan(isError: true)
        document.end()
        let count = document.count
        #expect(count == 2)
        let expected = #"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"a \"b\" ä"}}]},
            "schemaUrl":"u","scopeSpans":[{"schemaUrl":"u","scope":{"name":"s","version":"1"},"spans":[
            {"traceId":"00000000000000010000000000000002","spanId":"0000000000000003","flags":257,"name":"GET /a\"","kind":2,
            "startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000001","attributes":[{"key":"text","value":{"stringValue":"x"}}]},
            {"traceId":"00000000000000010000000000000002","spanId":"0000000000000003","parentSpanId":"00000000000000fe",
            "traceState":"a=\"1\"","flags":769,"name":"b","kind":3,"startTimeUnixNano":"1700000000000000001",
            "endTimeUnixNano":"1700000000000000001","attributes":[{"key":"escaped","value":{"stringValue":"\"\\\n"}},
            {"key":"number","value":{"intValue":"-7"}},{"key":"text","value":{"stringValue":"x"}},
            {"key":"plain","value":{"stringValue":"h"}},{"key":"port","value":{"intValue":"80"}}],
            "status":{"code":2}}]}]}]}
            """#
        func object(_ bytes: Data) throws -> NSDictionary {
            try #require(try JSONSerialization.jsonObject(with: bytes) as? NSDictionary)
        }
        let bytes = document.bytes
        #expect(try object(Data(bytes)) == object(Data(expected.utf8)))
    }

    // MARK: Answers

    private func verdict(_ text: String, pieces: Int = .max, ends: Bool = true) -> CollectorReply.Verdict? {
        var reply = CollectorReply()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieces)
            rest = rest.dropFirst(piece.count)
            if let verdict = piece.withUnsafeBytes({ reply.take($0, now: 784_111_777) }) { return verdict }
        }
        return ends ? reply.end() : nil
    }

    @Test(arguments: [1, 7, Int.max])
    func answersAreReadInWhateverPieces(pieces: Int) {
        func verdict(_ text: String, ends: Bool = false) -> CollectorReply.Verdict? {
            self.verdict(text, pieces: pieces, ends: ends)
        }
        #expect(verdict("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") == .accepted(rejected: 0))
        #expect(verdict("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n") == .accepted(rejected: 0))
        #expect(verdict("HTTP/1.0 204 No Content\r\n\r\n", ends: true) == .accepted(rejected: 0))
        #expect(verdict("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 No\r\n\r\n") == .refused(status: 400))
        #expect(verdict("HTTP/1.1 413 Too Large\r\n\r\n") == .refused(status: 413))
        #expect(verdict("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n") == .refused(status: 301))
        #expect(verdict("HTTP/1.1 500 No\r\n\r\n") == .refused(status: 500))
        for status in [429, 502, 503, 504] {
            #expect(verdict("HTTP/1.1 \(status) No\r\n\r\n") == .retry(status: status, after: nil))
        }
        let body = #"{"partialSuccess":{"errorMessage":"x","rejectedSpans":"12"}}"#
        #expect(
            verdict("HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)") == .accepted(rejected: 12)
        )
        #expect(verdict("HTTP/1.1 200 OK\r\n\r\n\(body)", ends: true) == .accepted(rejected: 12))
        // Not whole yet.
        #expect(verdict("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}") == nil)
        #expect(verdict("HTTP/1.1 200 OK\r\n") == nil)
    }

    @Test(
        arguments: [
            ("7", 7), ("0", 0), ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sun, 06 Nov 1994 08:49:27 GMT", 0),
            ("-1", nil),
            ("soon", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func aWaitIsSecondsOrADate(text: String, seconds: Int?) {
        #expect(verdict("HTTP/1.1 503 No\r\nRetry-After: \(text)\r\n\r\n") == .retry(status: 503, after: seconds))
    }

    @Test(
        arguments: [
            "\0", "SSH-2.0-OpenSSH", "HTTP/2 200\r\n\r\n", "HTTP/1.1 ok\r\n\r\n", "HTTP/1.1 20 x\r\n\r\n",
            "HTTP/1.1 999 x\r\n\r\n",
            "HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000),
        ]
    )
    func allElseIsGarbage(text: String) { #expect(verdict(text) == .garbage) }

    /// A batch whose answer breaks off may be taken another time.
    @Test(arguments: ["", "HTT", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Le"])
    func whatBreaksOffIsNoAnswer(text: String) { #expect(verdict(text) == nil) }

    @Test func anAnswerWithoutEndIsOne() {
        let endless = "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 70_000)
        #expect(verdict(endless, pieces: 4096, ends: false) == .accepted(rejected: 0))
    }
}
