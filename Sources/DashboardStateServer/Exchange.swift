import Bytes
import DashboardState
import FastCGI
import StateStore

/// One request from its arrival to its answer.
final class Exchange: StateAsker {
    let handler: StateHandler
    private let responder: any Responder
    private let method: Method
    /// What the log tells of it; `nil` where requests are not logged.
    // Unchecked: an exchange is one loop's, and nothing calls back into it while this changes. Checks at run time cost a
    // request some 60 instructions each.
    @exclusivity(unchecked) private var record: RequestLog.Record?

    init(_ request: Request, _ fields: RequestFields, _ responder: any Responder, handler: StateHandler) {
        self.handler = handler
        self.responder = responder
        method = fields.method
        if handler.log.isEnabled { record = RequestLog.Record(request, fields) }
    }

    /// The store is about to be asked.
    func asks() { record?.asked() }

    /// The store has answered.
    func noteReply() { record?.answered() }

    func answer(_ failure: StoreFailure.Meaning) {
        switch failure {
        case .notCarriedOut: answer(Problem.unavailable)
        case .outcomeUnknown: answer(Problem.outcomeUnknown)
        case .outOfMemory: answer(Problem.outOfMemory)
        }
    }

    // MARK: Answers

    func answerOptions(_ allowed: StaticString) {
        handler.head.begin(.noContent)
        handler.head.field("Allow", allowed)
        send(.noContent, RawSpan())
    }

    func answerStatus(_ text: StaticString) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"status":""#)
        handler.body.append(text)
        handler.body.append(#""}"#)
        handler.head.begin(.ok)
        answerBody()
    }

    /// Sends what the handler's body holds, as JSON, under a head that was begun.
    func answerBody() {
        handler.head.cacheableJSON(length: handler.body.count)
        handler.body.withUnsafeBytes { send(.ok, RawSpan(_unsafeBytes: $0)) }
    }

    /// - Parameter current: the stored document, where the client asked for it.
    func answer(_ problem: Problem, current: RawSpan? = nil) {
        var body: [UInt8] = []
        problem.appendBody(to: &body, current: current)
        handler.head.write(problem, length: body.count, hasCurrent: current != nil)
        send(problem.status, body.span.bytes)
    }

    func send(_ status: Status, _ body: RawSpan) {
        handler.head.end()
        let body = method == .head ? RawSpan() : body
        handler.head.withBytes { responder.respond(head: $0, body: body) }
        if let record { handler.log.request(record, method, status, bytesOut: body.byteCount) }
    }
}
