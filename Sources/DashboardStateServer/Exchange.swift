import Bytes
import DashboardState
import EventLoop
import FastCGI
import StateStore
import Tracing

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
    // Bits alone: to let go of more would cost every request something.
    private let knownTraceID: TraceID?
    private let unreadTraceID: UnreadTraceID?
    /// `nil` where it is not traced, which ``isTraced`` tells without counting a reference.
    private let span: TracedRequest?
    private let isTraced: Bool

    @inline(__always)
    init(_ request: Request, _ fields: RequestFields, _ responder: any Responder, handler: StateHandler) {
        self.handler = handler
        self.responder = responder
        metrics = handler.metrics.map { Unmanaged.passUnretained($0) }
        facts = RequestFacts(fields.method, arrivedAt: request.arrivedAt, bytesIn: request.bodyLength)
        metrics?._withUnsafeGuaranteedRef { $0.began() }
        if handler.isTracing, let tracer = handler.tracer {
            let (traceID, span) = tracer.begin(fields, handler.fields, at: request.arrivedAt)
            (knownTraceID, unreadTraceID, self.span, isTraced) = (traceID, nil, span, span != nil)
        } else {
            knownTraceID = fields.traceParent?.traceID
            unreadTraceID = fields.unreadRequestID
            (span, isTraced) = (nil, false)
        }
        if handler.log.isEnabled {
            let traceID = traceID
            record = RequestLog.Record(traceID, requestID: traceID == nil ? fields.otherRequestID : nil)
        }
    }

    /// By what it is found in logs and traces: the trace id of the W3C's `traceparent`, or the web server's request id where
    /// it could be one.
    private var traceID: TraceID? { knownTraceID ?? unreadTraceID?.traceID }

    /// What the path names.
    func knows(_ route: Route?) { facts.route = route }

    /// Whose state it is about.
    func isFor(_ identity: Identity) {
        let arrivedAt = facts.arrivedAt
        metrics?._withUnsafeGuaranteedRef { $0.count(identity, at: arrivedAt) }
        handler.log.count(identity, at: arrivedAt)
        if record != nil { handler.log.note(identity, &record!) }
    }

    /// The store is about to be asked.
    /// - Parameter length: bytes of the document that is sent.
    func asks(_ command: RequestFacts.Command, sending length: Int = 0) {
        record?.asked()
        if isTraced, let span { handler.tracer?.asks(command, for: span) }
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
    func noteReply() {
        if record != nil { handler.log.answered(&record!) }
        if isTraced { span?.answeredAt = Clock.monotonic() }
    }

    func answer(_ failure: StoreFailure.Meaning) {
        if failure == .notCarriedOut { forgetUnsent() }
        span?.failure = failure
        switch failure {
        case .notCarriedOut: answer(Problem.unavailable)
        case .outcomeUnknown: answer(Problem.outcomeUnknown)
        case .outOfMemory: answer(Problem.outOfMemory)
        }
    }

    /// What has failed in the batch of events that asked it was never sent, since that comes behind the batch: there was no
    /// exchange with Redis to tell of.
    private func forgetUnsent() {
        let now = handler.store.now
        if let span, span.askedAt >= now { span.redisSpanID = nil }
        if facts.askedAt >= now { facts.command = nil }
        record?.forgetUnsent(now)
    }

    // MARK: Answers

    /// Its body broke off: it is told of, and there is nobody to answer.
    func breakOff() {
        let facts = facts
        metrics?._withUnsafeGuaranteedRef { $0.countBrokenOff(facts) }
        if isTraced, let span { handler.tracer?.end(span, facts, .clientGone) }
        if let record { handler.log.request(record, facts, .clientGone, nil, bytesOut: 0) }
    }

    func answerOptions(_ allowed: StaticString) {
        handler.head.begin(.noContent)
        handler.head.field("Allow", allowed)
        send(.answered, RawSpan())
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
        problem.appendBody(to: &body, trace: traceID?.digits ?? record?.requestID, current: current)
        handler.head.write(problem, length: body.count, hasCurrent: current != nil)
        send(outcome ?? .problem(problem.kind), body.span.bytes, about: problem.field)
        handler.log.refused(problem, record)
    }

    /// - Parameter field: what a problem is about.
    func send(_ outcome: RequestOutcome, _ body: RawSpan, about field: String? = nil) {
        handler.head.end()
        let body = facts.method == .head ? RawSpan() : body
        // Before anybody has the answer, and looks whether it is counted.
        let facts = facts
        metrics?._withUnsafeGuaranteedRef { $0.observe(facts, outcome, bytesOut: body.byteCount) }
        if isTraced, let span { handler.tracer?.end(span, facts, outcome) }
        handler.head.withBytes { responder.respond(head: $0, body: body) }
        if let record { handler.log.request(record, facts, outcome, field, bytesOut: body.byteCount) }
    }
}
