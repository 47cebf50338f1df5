import SwiftSupport
import Testing

@testable import DashboardStateServer

/// What each operation answers to what Redis says, without Redis and sockets.
struct OperationTests {
    private let document =
        #"{"version":7,"lastModified":"2999-01-01T00:00:00.000Z","etag":"abc","state":{"a":1}}"#
    private let body = #"{"version":7,"state":{}}"#
    private let wantsCurrent = ["HTTP_PREFER": "return=representation"]

    @Test func aReadAnswersTheDocument() throws {
        let answer = try HandlerUnderTest([:], .text(document), .reply(":-1")).answer("GET")
        #expect(answer?.status == 200 && answer?.body == document && answer?.fields["etag"] == "\"abc\"")
        #expect(answer?.fields["cache-control"] == "private, no-cache")
        #expect(answer?.fields["content-length"] == "\(document.utf8.count)")
        let head = try HandlerUnderTest([:], .text(document), .reply(":-1")).answer("HEAD")
        #expect(head?.body == "" && head?.fields == answer?.fields)
    }

    @Test func orWhatBecomesOfPreconditions() throws {
        let known = try HandlerUnderTest([:], .text(document), .reply(":-1"))
            .answer("GET", ["HTTP_IF_NONE_MATCH": "\"abc\""])
        #expect(known?.status == 304 && known?.body == "" && known?.fields["etag"] == "\"abc\"")
        let other = try HandlerUnderTest([:], .text(document), .reply(":-1"))
            .answer("GET", ["HTTP_IF_MATCH": "\"b\""])
        #expect(other?.status == 412 && other?.problem == "precondition-failed")
        #expect(try HandlerUnderTest([:], .reply("$-1")).answer("GET")?.problem == "nothing-stored")
    }

    @Test func aSaveAnswersWhatWasDecided() throws {
        func answer(_ decision: String, _ params: [String: String?] = [:]) throws -> HandlerUnderTest.Answer? {
            try HandlerUnderTest([:], .text(decision)).answer("POST", params, body: body)
        }
        let saved = try answer("saved")
        #expect(saved?.status == 200 && saved?.body == #"{"success":true,"serverVersion":7}"#)
        #expect(saved?.fields["etag"]?.count == 24)
        let replaced = try answer("replaced")
        #expect(replaced?.body == #"{"success":true,"serverVersion":7,"conflictResolution":"client"}"#)
        let unchanged = try answer("unchanged abc")
        #expect(unchanged?.body == saved?.body && unchanged?.fields["etag"] == "\"abc\"")
        let refused = try answer("refused 9")
        #expect(refused?.body == #"{"success":false,"serverVersion":9,"conflictResolution":"server"}"#)
        let current = try answer("refused 9\n\(document)", wantsCurrent)
        #expect(
            current?.body
                == #"{"success":false,"serverVersion":9,"conflictResolution":"server","current":\#(document)}"#
        )
        #expect(current?.fields["preference-applied"] == "return=representation")
        let failed = try answer("failed 9\n\(document)", wantsCurrent)
        #expect(failed?.status == 412 && failed?.body.hasSuffix(#","current":\#(document)}"#) == true)
    }

    @Test func aDeleteAnswersWhetherThereWasOne() throws {
        #expect(try HandlerUnderTest([:], .reply(":1")).answer("DELETE")?.body == #"{"success":true}"#)
        #expect(try HandlerUnderTest([:], .reply(":0")).answer("DELETE")?.body == #"{"success":false}"#)
        let failed = try HandlerUnderTest([:], .text("failed")).answer("DELETE", ["HTTP_IF_MATCH": "*"])
        #expect(failed?.status == 412)
    }

    @Test func whatIsWrongWithRedisIsAStatus() throws {
        let cases: [(ScriptedRedis.Answer, Int, String)] = [
            (.failure(.away), 503, "storage-unavailable"), (.failure(.overloaded), 503, "storage-unavailable"),
            (.failure(.unanswered), 503, "outcome-unknown"), (.reply("-OOM no"), 507, "storage-full"),
            (.reply("-READONLY no"), 503, "storage-unavailable"), (.reply("-MISCONF no"), 503, "storage-unavailable"),
            (.reply("-NOPERM no"), 503, "storage-unavailable"), (.reply("-some proxy says no"), 503, "outcome-unknown"),
            (.reply("+what"), 503, "outcome-unknown"),
        ]
        for (answer, status, problem) in cases {
            for method in ["POST", "DELETE"] {
                let found = try HandlerUnderTest([:], answer).answer(method, body: method == "POST" ? body : "")
                #expect(found?.status == status && found?.problem == problem, "\(method) \(answer)")
                #expect(found?.fields["retry-after"] != nil)
            }
        }
        for answer in [ScriptedRedis.Answer.failure(.away), .reply("-LOADING no"), .reply(":1")] {
            #expect(try HandlerUnderTest([:], answer).answer("GET")?.problem == "storage-unavailable")
        }
    }

    @Test func readinessTellsReadingFromWriting() throws {
        let path = ["SCRIPT_NAME": "/readyz"]
        #expect(try HandlerUnderTest([:], .reply("$-1")).answer("GET", path)?.body == #"{"status":"ready"}"#)
        let readOnly = try HandlerUnderTest([:], .reply("-NOREPLICAS no")).answer("GET", path)
        #expect(readOnly?.status == 200 && readOnly?.body.hasPrefix(#"{"status":"read-only","reason":"Redis"#) == true)
        #expect(try HandlerUnderTest([:], .failure(.away)).answer("GET", path)?.status == 503)
        #expect(try HandlerUnderTest().answer("GET", ["SCRIPT_NAME": "/healthz"])?.body == #"{"status":"ok"}"#)
    }
}
