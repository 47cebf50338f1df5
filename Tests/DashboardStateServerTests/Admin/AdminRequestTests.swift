import Testing

@testable import DashboardStateServer

struct AdminRequestTests {
    private func parse(_ text: String) -> AdminRequest.Parsed { AdminRequest.parse(Array(text.utf8)) }

    private func path(_ text: String) -> String? {
        guard case .request(let request) = parse(text) else { return nil }
        return String(decoding: request.path, as: UTF8.self)
    }

    @Test func requestsAreRead() {
        #expect(path("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n") == "/metrics")
        #expect(path("\r\nGET /metrics?a=b HTTP/1.1\nhost: a\n\n") == "/metrics")
        #expect(path("GET http://a:9464/readyz?x HTTP/1.1\r\nHost: a\r\n\r\n") == "/readyz")
        #expect(path("GET HTTP://a HTTP/1.1\r\nHost: a\r\n\r\n") == "/")
        #expect(path("GET /healthz HTTP/1.0\r\n\r\n") == "/healthz")
        let head = parse("HEAD / HTTP/1.1\r\nHost: a\r\nAccept: a\r\nACCEPT: b\r\n\r\nmore")
        #expect(head == .request(AdminRequest(isHead: true, path: Array("/".utf8), accept: Array(" a, b".utf8))))
    }

    @Test func aHeadMayComeByteByByte() {
        let text = Array("GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\n\r\n".utf8)
        for count in 0..<text.count { #expect(AdminRequest.parse(Array(text[..<count])) == .incomplete) }
    }

    @Test(arguments: [
        "GET /metrics\r\n\r\n", "GET  /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET /metrics HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /metrics HTTP/1.1\r\n\r\n", "GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost : a\r\n\r\n", "GET /metrics HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", "\u{16}\u{3}\u{1}", "nothing-that-is-a-method-of-any-kind", "{\"a\"",
    ])
    func whatIsNoRequestIsRefused(_ text: String) { #expect(parse(text) == .refused(.malformed)) }

    @Test func otherMethodsAreNotAllowed() {
        for method in ["POST", "DELETE", "get", "X-Y"] {
            #expect(parse("\(method) /metrics HTTP/1.1\r\nHost: a\r\n\r\n") == .refused(.methodNotAllowed))
        }
    }

    @Test func aHeadHasALimit() {
        let long = String(repeating: "x", count: AdminRequest.longestHead)
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n") == .refused(.tooLong))
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)") == .refused(.tooLong))
        #expect(parse("GET /\(long)") == .refused(.tooLong))
    }

    @Test func openMetricsIsForThoseWhoAskForIt() {
        func prefers(_ accept: String) -> Bool {
            AdminRequest(path: [], accept: Array(accept.utf8)).prefersOpenMetrics
        }
        #expect(!prefers("") && !prefers("*/*") && !prefers("text/plain, application/openmetrics-text;q=0.5"))
        #expect(prefers("application/openmetrics-text; version=1.0.0"))
        let prometheus = """
            application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
            text/plain;version=0.0.4;q=0.5,*/*;q=0.1
            """
        #expect(prefers(prometheus))
        #expect(!prefers("application/openmetrics-text;q=0"))
    }
}
