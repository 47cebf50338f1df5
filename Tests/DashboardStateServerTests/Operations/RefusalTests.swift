import SwiftSupport
import Testing

@testable import DashboardStateServer

/// What is refused before Redis is asked, and how.
struct RefusalTests {
    private let body = #"{"version":7,"state":{}}"#

    private func refusal(
        _ method: String,
        _ params: [String: String?] = [:],
        body: String = "",
        length: String? = nil,
        settings: [String: String] = [:]
    ) throws -> String? {
        let test = try HandlerUnderTest(settings)
        let answer = try test.answer(method, params, body: body, length: length)
        #expect(test.redis.commands.isEmpty)
        return answer.map { "\($0.status) \($0.problem ?? "")" }
    }

    @Test(
        arguments: [
            (["REMOTE_USER": nil], "401 no-user"), (["REMOTE_USER": ""], "401 no-user"),
            (["REMOTE_USER": "a\u{1}"], "403 unusable-identity"), (["REMOTE_WORKSPACE": nil], "403 no-workspace"),
            (["REMOTE_WORKSPACE": String(repeating: "w", count: 257)], "403 unusable-identity"),
            (["HTTP_X_DASHBOARD_USER": "bob"], "403 other-user"),
            (["HTTP_X_DASHBOARD_WORKSPACE": "other"], "403 other-workspace"),
            (["SCRIPT_NAME": "/api/dashboard/states"], "404 blank"), (["SCRIPT_NAME": "/metrics"], "404 blank"),
        ] as [([String: String?], String)]
    )
    func whoAndWhere(params: [String: String?], refusal: String) throws {
        for method in ["GET", "POST", "DELETE"] {
            let found = try self.refusal(method, params, body: method == "POST" ? body : "")
            #expect(found?.hasPrefix(refusal) == true, "\(method): \(found ?? "no answer")")
        }
    }

    @Test func methods() throws {
        for method in ["PUT", "PATCH", "TRACE", "get", ""] {
            #expect(try refusal(method)?.hasPrefix("405") == true, "\(method)")
        }
        #expect(try refusal("POST", ["SCRIPT_NAME": "/healthz"])?.hasPrefix("405") == true)
        #expect(try refusal("DELETE", ["SCRIPT_NAME": "/readyz"])?.hasPrefix("405") == true)
        let options = try HandlerUnderTest().answer("OPTIONS")
        #expect(options?.status == 204 && options?.fields["allow"] == "GET, HEAD, POST, DELETE, OPTIONS")
    }

    @Test func preconditions() throws {
        for field in ["HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"] {
            for method in ["GET", "POST", "DELETE"] {
                let found = try refusal(method, [field: "abc"], body: method == "POST" ? body : "")
                #expect(found == "400 malformed-precondition")
            }
        }
        let settings = ["REQUIRE_PRECONDITION": "on"]
        #expect(try refusal("POST", body: body, settings: settings) == "428 precondition-required")
        #expect(try refusal("DELETE", settings: settings) == "428 precondition-required")
    }

    @Test func bodies() throws {
        func post(_ body: String, _ params: [String: String?] = [:], length: String? = nil) throws -> String? {
            try refusal("POST", params, body: body, length: length, settings: ["DASHBOARD_STATE_MAX_BODY": "1024"])
        }
        #expect(try post(body, ["CONTENT_TYPE": nil]) == "415 not-json")
        #expect(try post(body, ["CONTENT_TYPE": "text/plain"]) == "415 not-json")
        #expect(try post(body, ["HTTP_CONTENT_ENCODING": "gzip"]) == "415 encoded-body")
        #expect(try post(String(repeating: " ", count: 1025)) == "413 body-too-large")
        #expect(try post("{}", length: "2000") == "413 body-too-large")
        #expect(try post(body, length: "7") == "400 incomplete-body")
        #expect(try post(body, length: "seven") == "400 incomplete-body")
        for text in ["", "{", "[]", #"{"version":-1,"state":{}}"#, #"{"version":1}"#, #"{"version":1,"state":[]}"#] {
            #expect(try post(text) == "400 invalid-body", "\(text)")
        }
        let checksum = String(repeating: "0", count: 64)
        #expect(try post(#"{"version":1,"state":{},"checksum":"\#(checksum)"}"#) == "422 checksum-mismatch")
        #expect(try post(#"{"version":1,"state":{"a":1e999},"checksum":"\#(checksum)"}"#) == "422 no-canonical-form")
    }

    @Test func withoutTheWebServersSecret() throws {
        let settings = ["PROXY_SECRET": "secret"]
        #expect(try refusal("GET", settings: settings) == "403 wrong-proxy-secret")
        #expect(try refusal("GET", ["PROXY_SECRET": "other"], settings: settings) == "403 wrong-proxy-secret")
        let proven = try HandlerUnderTest(settings, .reply("$-1")).answer("GET", ["PROXY_SECRET": "secret"])
        #expect(proven?.problem == "nothing-stored")
    }

    /// Whatever the parameters say that are not here, the proxy's secret among them.
    @Test func paramsThatAreNotAllHere() throws {
        for settings in [[:], ["PROXY_SECRET": "secret"]] {
            let tooMany = try HandlerUnderTest(settings).answer("GET", paramsStatus: .tooMany)
            #expect(tooMany?.status == 431 && tooMany?.problem == "too-many-fields")
            let holdNUL = try HandlerUnderTest(settings).answer("GET", paramsStatus: .holdNUL)
            #expect(holdNUL?.status == 400 && holdNUL?.problem == "blank")
        }
    }
}
