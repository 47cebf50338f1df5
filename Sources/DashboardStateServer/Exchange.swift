import Bytes
import DashboardState
import EventLoop
import FastCGI
import RESP

/// One request from its arrival to its answer, and what Redis says to it in between.
final class Exchange: ReplyReceiver {
    let handler: StateHandler
    private let responder: any Responder
    private let method: Method
    // Unchecked: an exchange is one loop's, and nothing calls back into it while one of these changes. Checks at run time
    // cost a request some 60 instructions each.
    @exclusivity(unchecked) private var talk = Talk.nothing
    private var isAnswered = false
    /// What was put in front of what was sent first: the script that Redis did not know. How many bytes, and commands.
    private var ahead = (length: 0, commandCount: 0)
    private var stagedParts: StateCommands.StagedParts?
    /// What the log tells of it; `nil` where requests are not logged.
    @exclusivity(unchecked) private var record: RequestLog.Record?

    init(_ request: Request, _ fields: RequestFields, _ responder: any Responder, handler: StateHandler) {
        self.handler = handler
        self.responder = responder
        method = fields.method
        if handler.log.isEnabled { record = RequestLog.Record(request, fields) }
    }

    /// Asks Redis; the answer comes to ``receive(_:_:to:)`` or ``fail(_:)``.
    /// - Parameter length: about how many bytes it takes.
    func ask(_ talk: Talk, length: Int = 0, _ encode: (CommandEncoder) -> Void) {
        self.talk = talk
        record?.asked()
        handler.link.ask(isWrite: talk.isWrite, length: length, self, encode)
    }

    /// Asks Redis to save a document that goes ahead of the script.
    func askStaged(_ talk: Talk, length: Int, _ encode: (CommandEncoder) -> StateCommands.StagedParts) {
        ask(talk, length: length) { stagedParts = encode($0) }
    }

    // MARK: Redis's answer

    func receive(_ reply: Reply, _ index: Int, to sent: UnsafeRawBufferPointer) {
        guard !isAnswered else { return }
        record?.answered()
        guard !reply.kind.isError else { return receiveError(ServerError(reply), index, sent) }
        take(StoreReply(reply), reply.bytes, index, sent, nil)
    }

    private func receiveError(_ error: ServerError, _ index: Int, _ sent: UnsafeRawBufferPointer) {
        take(.refused(Refusal(error)), Self.nothing, index, sent, error)
    }

    func fail(_ error: RESPError) {
        guard !isAnswered else { return }
        record?.answered()
        take(.lost(mayBeDone: error == .unanswered), Self.nothing, 0, Self.nothing, nil)
    }

    private static var nothing: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// Goes on with the conversation. Inlined like what a read's result leads to, which saves a read 80 instructions.
    /// - Parameters:
    ///   - bytes: what the reply's ranges refer to.
    ///   - error: the reply, where it is one.
    @inline(__always)
    private func take(
        _ reply: StoreReply,
        _ bytes: UnsafeRawBufferPointer,
        _ index: Int,
        _ sent: UnsafeRawBufferPointer,
        _ error: ServerError?
    ) {
        switch talk {
        case .nothing: break
        case .readiness(var readiness):
            if case .done(let result) = readiness.take(reply) { answer(result, error) }
        case .read(var read):
            let step = read.take(reply, &handler.derivedTag) { handler.hasher.sha1($0) }
            if case .done(let result) = step { answer(result, bytes, sent, error) }
        case .save(var save, let version, let tag):
            let step = save.take(reply, at: index)
            talk = .save(save, version: version, tag: tag)
            guard case .done(let result) = step else { return goOn(step, sent, error) }
            answer(result, version, tag, bytes, error)
        case .delete(var delete):
            let step = delete.take(reply, at: index)
            talk = .delete(delete)
            guard case .done(let result) = step else { return goOn(step, sent, error) }
            answer(result, bytes, error)
        }
    }

    /// Does what a conversation wants that is not over.
    private func goOn<Result>(_ step: Step<Result>, _ sent: UnsafeRawBufferPointer, _ error: ServerError?) {
        switch step {
        case .done, .wait(.nothing): break
        case .wait(.refusal):
            if let error { handler.troubles.refused(error, ahead.commandCount > 0 ? "script" : "set") }
        case .wait(.foreign):
            if let reason = RESPError(StoreFailure.Remedy.givenUp) { handler.link.reconnect(because: reason) }
        case .load(let name):
            ahead.commandCount = 1
            let sentCount = talk.commandCount
            handler.link.ask(isWrite: true, length: sent.count, self) {
                ahead.length = handler.commands.load(name, before: sent, commandCount: sentCount, $0)
            }
        case .unstage:
            guard let stagedParts else { return answer(.outcomeUnknown) }
            let staged = UnsafeRawBufferPointer(rebasing: sent[ahead.length...])
            ahead = (0, 0)
            handler.link.ask(isWrite: true, length: staged.count, self) {
                handler.commands.unstaged(staged, stagedParts, $0)
            }
        }
    }

    func answer(_ failure: StoreFailure, _ error: ServerError?) {
        if failure.tells, let error { handler.troubles.refused(error, talk.command) }
        if failure.remedy == .givenUp {
            handler.troubles.tell(.error, "Redis gave an answer that is not understood")
        }
        switch failure.meaning {
        case .notCarriedOut: answer(.unavailable)
        case .outcomeUnknown: answer(.outcomeUnknown)
        case .outOfMemory: answer(.outOfMemory)
        }
        if let reason = RESPError(failure.remedy) { handler.link.reconnect(because: reason) }
    }

    // MARK: Answers

    func answerOptions(_ allowed: StaticString) {
        handler.head.begin(.noContent)
        handler.head.field("Allow", allowed)
        send(.noContent, nil)
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
        handler.body.withUnsafeBytes { send(.ok, $0) }
    }

    /// - Parameter current: the stored document, where the client asked for it.
    func answer(_ problem: Problem, current: UnsafeRawBufferPointer? = nil) {
        var body: [UInt8] = []
        problem.appendBody(to: &body, current: current)
        handler.head.write(problem, length: body.count, hasCurrent: current != nil)
        body.withUnsafeBytes { send(problem.status, $0) }
    }

    func send(_ status: Status, _ body: UnsafeRawBufferPointer?) {
        handler.head.end()
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let body = method == .head ? nothing : body ?? nothing
        isAnswered = true
        handler.head.bytes.withUnsafeBytes { responder.respond(head: $0, body: body) }
        if let record { handler.log.request(record, method, status, bytesOut: body.count) }
    }
}
