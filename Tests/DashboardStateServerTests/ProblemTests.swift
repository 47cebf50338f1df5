import Foundation
import Testing

@testable import DashboardStateServer

struct ProblemTests {
    @Test func problemsAreJSONWhateverTheyHold() throws {
        let problem = Problem(
            kind: .invalidBody,
            title: "Title",
            detail: "a \"quote\", a \\, a line\n and \u{1}",
            members: [.number("limit", -7), .text("field", "\"x\"")]
        )
        var body: [UInt8] = []
        Array(#"{"version":1}"#.utf8).withSpan { problem.appendBody(to: &body, current: $0) }
        let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        #expect(object?["type"] as? String == "urn:problem-type:dashboard-state:invalid-body")
        #expect(object?["title"] as? String == "Title" && object?["status"] as? Int == 400)
        #expect(object?["detail"] as? String == problem.detail)
        #expect(object?["limit"] as? Int == -7 && object?["field"] as? String == "\"x\"")
        #expect((object?["current"] as? [String: Int]) == ["version": 1])
    }

    @Test func withoutAKindTheStatusSaysItAll() throws {
        var body: [UInt8] = []
        Problem.unknownPath.appendBody(to: &body)
        let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        #expect(object?["type"] as? String == "about:blank" && object?["title"] as? String == "Not Found")
    }
}
