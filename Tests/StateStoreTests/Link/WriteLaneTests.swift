import EventLoop
import Logging
import Testing

@testable import RESP
@testable import StateStore

/// What a connection for writes keeps until `WAIT` is answered, without Redis.
struct WriteLaneTests {
    private final class Answer: HeldAnswer {
        var released: Bool?
        func release(_ isReplicated: Bool) { released = isReplicated }
    }

    private let loop: Loop
    private let lane: WriteLane
    private let lines = LogLines()

    init() throws {
        loop = try Loop()
        let link = Link(endpoint: try Endpoint("unix:///nowhere"), connectTimeout: 1, responseTimeout: 1)
        let logger = Logger(label: "test") { [lines] _ in lines }
        let wait = ReplicaWait(replicas: 2, milliseconds: 100)
        lane = WriteLane(link, wait, loop, RedisTroubles(logger)) { _ in }
    }

    private func hold() -> Answer {
        let answer = Answer()
        lane.hold(answer)
        return answer
    }

    private func receive(_ text: String) {
        let bytes = Array("\(text)\r\n".utf8)
        guard case .complete(let reply, _)? = try? ReplyParser.parse(bytes.span.bytes) else { return }
        lane.receive(reply, 0, to: RawSpan())
    }

    @Test func enoughReplicas() {
        for text in [":2", ":3"] {
            let answers = [hold(), hold()]
            receive(text)
            #expect(answers.allSatisfy { $0.released == true })
        }
        #expect(lines.lines.isEmpty)
    }

    @Test func tooFewReplicasAreToldOnce() {
        for _ in 0..<3 {
            let answer = hold()
            receive(":1")
            #expect(answer.released == false)
        }
        #expect(lines.lines.count == 1 && lines.lines[0].hasPrefix("error saved, but only 1 of 2 replicas"))
    }

    @Test func refusalsLossesAndForeignAnswers() {
        let refused = hold()
        receive("-NOPERM User x has no permissions to run the 'wait' command")
        #expect(refused.released == false && lines.lines[0].hasSuffix("code=NOPERM command=wait"))
        let failed = hold()
        lane.fail(.unanswered)
        #expect(failed.released == false)
        let lost = hold()
        lane.link.onEvent(.lost(.connectionLost("closed")))
        #expect(lost.released == false)
        let foreign = hold()
        receive("+OK")
        #expect(foreign.released == false)
    }

    @Test func eachIsReleasedOnce() {
        let first = hold()
        receive(":2")
        let second = hold()
        lane.fail(.timedOut)
        #expect(first.released == true && second.released == false)
    }
}
