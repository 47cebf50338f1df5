import Foundation
import SwiftSupport
import Testing

@testable import CanonicalJSON
@testable import DashboardState

/// Beside another's: what is JSON, and what the canonical form of a state is, as node sees it.
struct CanonicalTests {
    private struct Answer: Decodable {
        var isJSON: Bool
        var state: String?
    }

    @Test func nodeSeesEachBodyAsItIsSeenHere() throws {
        var random = SeededGenerator(seed: 8785)
        let seeds = FuzzTarget.body.seeds
        let bodies = (0..<(FuzzTests.runs / 4)).map { index -> [UInt8] in
            guard index % 4 != 0 else { return Mutation.next(seeds, using: &random) }
            let state = RandomJSON.object(depth: 3, using: &random).spelled(using: &random)
            let body = Array(#"{"version":1,"checksum":"","state":\#(state)}"#.utf8)
            return index % 4 == 1 ? Mutation.next([body], using: &random) : body
        }
        var forms = 0
        for (body, answer) in zip(bodies, try ask(bodies)) {
            if let wrong = compare(body, answer, &forms) {
                Issue.record("\(wrong): \(Data(body).base64EncodedString())")
            }
        }
        // What is never compared is never wrong.
        #expect(forms > bodies.count / 3)
    }

    private func ask(_ bodies: [[UInt8]]) throws -> [Answer] {
        let folder = try TemporaryFolder()
        let lines = bodies.map { Data($0).base64EncodedString() + "\n" }.joined()
        try lines.write(toFile: folder.file("bodies"), atomically: false, encoding: .utf8)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("canonical.mjs")
        let output = try RunningProcess.output(of: ["node", script.path, folder.file("bodies")])
        let answers = output.utf8.split(separator: UInt8(ascii: "\n"))
        #expect(answers.count == bodies.count)
        return try answers.map { try JSONDecoder().decode(Answer.self, from: Data($0)) }
    }

    /// - Returns: what is different.
    private func compare(_ body: [UInt8], _ answer: Answer, _ forms: inout Int) -> String? {
        let form = CanonicalForm()
        let parsed: SaveBody
        do throws(BodyError) { parsed = try SaveBody.parse(body.span.bytes, form) } catch {
            if case .syntax = error { return answer.isJSON ? "\(error), but JSON to node" : nil }
            return nil
        }
        guard answer.isJSON else { return "not JSON to node" }
        do throws(CanonicalError) {
            let made = String(decoding: try form.bytes(of: Array(body[parsed.state])), as: UTF8.self)
            forms += 1
            return made == answer.state ? nil : "\(made), but \(answer.state ?? "none") to node"
        } catch {
            // Of two members of one name node knows the last only.
            return error == .duplicateName || answer.state == nil ? nil : "\(error), but a form to node"
        }
    }
}
