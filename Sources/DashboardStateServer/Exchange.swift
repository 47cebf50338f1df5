import Bytes
import DashboardState
import FastCGI
import StateStore

/// One request from its arrival to its answer.
final class Exchange: StateAsker {
    let handler: StateHandler
    private let responder: any Responder
    // The handler keeps it, and this the handler: counting references would cost as much as what is counted.
    private let metrics: Unmanaged<LoopMetrics>?
    /// What the log tells of it; `nil` where requests are not logged.
    // Unchecked: an exchange is one loop's, and nothing calls back into it while this changes. Checks at run time cost a
    // request some 60 instructions each.
    @exclusivity(unchecked) private var record: RequestLog.Record?
    @exclusivity(unchecked) private var facts: RequestFacts

    init(_ request: Request, _ fields: RequestFields, _ responder: any Responder, handler: StateHandler) {
        self.handler = handler
        self.responder = responder
        metrics = handler.metrics.map { Unmanaged.passUnretained($0) }
        facts = RequestFacts(fields.method, arrivedAt: request.arrivedAt, bytesIn: request.body.byteCount)
        metrics?._withUnsafeGuaranteedRef { $0.began() }
        if handler.log.isEnabled { record = RequestLog.Record(request, fields) }
    }

    /// What the path names.
    func knows(_ route: Route?) { facts.route = route }

    /// Whose state it is about.
    func isFor(_ identity: Identity) {
        let arrivedAt = facts.arrivedAt
        metrics?._withUnsafeGuaranteedRef { $0.count(identity, at: arrivedAt) }
    }

    /// The store is about to be asked.
    /// - Parameter length: bytes of the document that is sent.
    func asks(_ command: RequestFacts.Command, sending length: Int = 0) {
        record?.asked()
        guard let metrics else { return }
        facts.command = command
        facts.askedAt = metrics._withUnsafeGuaranteedRef { $0.now }
        facts.documentSize = length
    }

    /// A document was read.
    func note(_ length: Int, _ lastModified: RawSpan) {
        guard let metrics else { return }
        facts.documentSize = length
        metrics._withUnsafeGuaranteedRef { $0.noteAge(of: lastModified) }
    }

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
        send(.answered, RawSpan(), status: .noContent)
    }

    func answerStatus(_ text: StaticString) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"status":""#)
        handler.body.append(text)
        handler.body.append(#""}"#)
        handler.head.begin(.ok)
        answerBody(.answered)
    }

    /// Sends what the handler's body holds, as JSON, under a head that was begun.
    func answerBody(_ outcome: RequestOutcome) {
        handler.head.cacheableJSON(length: handler.body.count)
        handler.body.withUnsafeBytes { send(outcome, RawSpan(_unsafeBytes: $0)) }
    }

    /// - Parameters:
    ///   - current: the stored document, where the client asked for it.
    ///   - outcome: what is counted, unless that is the problem.
    func answer(_ problem: Problem, current: RawSpan? = nil, as outcome: RequestOutcome? = nil) {
        var body: [UInt8] = []
        problem.appendBody(to: &body, current: current)
        handler.head.write(problem, length: body.count, hasCurrent: current != nil)
        send(outcome ?? .problem(problem.kind), body.span.bytes)
    }

    /// - Parameter status: where it is another one than the outcome's.
    func send(_ outcome: RequestOutcome, _ body: RawSpan, status: Status? = nil) {
        handler.head.end()
        let body = facts.method == .head ? RawSpan() : body
        // Before anybody has the answer, and looks whether it is counted.
        let facts = facts
        metrics?._withUnsafeGuaranteedRef { $0.observe(facts, outcome, bytesOut: body.byteCount) }
        handler.head.withBytes { responder.respond(head: $0, body: body) }
        if let record {
            handler.log.request(record, facts.method, status ?? outcome.status, bytesOut: body.byteCount)
        }
    }
}
