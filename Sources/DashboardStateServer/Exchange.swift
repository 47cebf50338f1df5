import DashboardState
import EventLoop
import FastCGI
import RESP

/// One request from its arrival to its answer, and what Redis says to it in between.
final class Exchange: ReplyReceiver {
    /// What Redis was asked.
    enum Question {
        case nothing
        case ping
        case read(ifMatch: Precondition, ifNoneMatch: Precondition)
        case save(version: Int64, tag: EntityTag)
        /// The same, with the document sent ahead of the script.
        case stagedSave(version: Int64, tag: EntityTag)
        case delete
        case conditionalDelete

        /// Whether it does no harm to ask twice. A repeated save finds that it has happened already; a repeated delete
        /// could meet what somebody else has saved in between.
        var isRepeatable: Bool {
            switch self {
            case .nothing, .ping, .read, .save, .stagedSave: true
            case .delete, .conditionalDelete: false
            }
        }

        /// How many commands it takes.
        var commandCount: Int { if case .stagedSave = self { 2 } else { 1 } }
    }

    private let handler: StateHandler
    private let responder: any Responder
    private let method: Method
    private var question = Question.nothing
    /// The time to live could not be renewed, and is left alone.
    private var isReadOnly = false
    private var isAnswered = false
    /// What the log tells of it; `nil` where requests are not logged.
    private var record: RequestLog.Record?

    init(_ request: Request, _ fields: RequestFields, _ responder: any Responder, handler: StateHandler) {
        self.handler = handler
        self.responder = responder
        method = fields.method
        if handler.log.isEnabled { record = RequestLog.Record(request, fields) }
    }

    /// Asks Redis; the answer comes to ``receive(_:_:)`` or ``fail(_:)``.
    func ask(_ question: Question, _ encode: (CommandEncoder) -> Void) {
        self.question = question
        record?.asked()
        handler.store.ask(commandCount: question.commandCount, repeatable: question.isRepeatable, self, encode)
    }

    // MARK: Redis's answer

    func receive(_ reply: Reply, _ index: Int) {
        // Of a document that was sent ahead only the failure matters, and the script then finds it missing.
        if index + 1 < question.commandCount {
            if reply.kind.isError, !reply.errorCode.equals("OOM") { handler.log.redisError(reply.errorCode) }
            return
        }
        guard !isAnswered else { return }
        record?.answered()
        if reply.kind.isError { return receiveError(reply) }
        switch question {
        case .nothing: break
        case .ping: answerStatus("ready")
        case .read(let ifMatch, let ifNoneMatch): answerRead(reply, ifMatch, ifNoneMatch)
        case .save(let version, let tag), .stagedSave(let version, let tag): answerSave(reply, version, tag)
        case .delete: answerSuccess(reply.integer ?? 0 > 0)
        case .conditionalDelete: answerDelete(reply)
        }
    }

    func fail(_ error: RESPError) {
        guard !isAnswered else { return }
        record?.answered()
        answer(.unavailable)
    }

    private func receiveError(_ reply: Reply) {
        let code = reply.errorCode
        if code.equals("NOSCRIPT") { return askWithScript() }
        if code.equals("MISCONF"), case .read = question, !isReadOnly {
            isReadOnly = true
            let store = handler.store
            return store.ask(repeatable: true, self) {
                handler.commands.readOnly(insteadOf: store.answeredCommand, $0)
            }
        }
        if code.equals("OOM") { return answer(.outOfMemory) }
        if code.equals("WRONGTYPE"), case .read = question { return answer(.nothingStored) }
        handler.log.redisError(code)
        if code.equals("READONLY") { handler.store.reconnect(because: .replica) }
        answer(.unavailable)
    }

    /// Redis does not know the script by its name: it has been restarted, or is another one.
    private func askWithScript() {
        let script: StateCommands.Script
        switch question {
        case .save, .stagedSave: script = handler.commands.save
        case .conditionalDelete: script = handler.commands.delete
        case .nothing, .ping, .read, .delete: return answer(.unavailable)
        }
        let store = handler.store
        store.ask(commandCount: question.commandCount, repeatable: question.isRepeatable, self) {
            handler.commands.evaluate(script, insteadOf: store.answeredCommand, $0)
        }
    }

    private func answerRead(_ reply: Reply, _ ifMatch: Precondition, _ ifNoneMatch: Precondition) {
        guard !reply.isNull else {
            return answer(ifMatch == .none ? .nothingStored : .preconditionFailed)
        }
        let document = reply.bytes
        switch StoredDocument(document) {
        case .own(let range):
            answerRead(document, UnsafeRawBufferPointer(rebasing: document[range]), ifMatch, ifNoneMatch)
        case .foreign:
            handler.hasher.sha1(document).withUnsafeBytes { answerRead(document, $0, ifMatch, ifNoneMatch) }
        case .unusable:
            handler.log.unusableDocument()
            answer(ifMatch == .none ? .nothingStored : .preconditionFailed)
        }
    }

    private func answerRead(
        _ document: UnsafeRawBufferPointer,
        _ tag: UnsafeRawBufferPointer,
        _ ifMatch: Precondition,
        _ ifNoneMatch: Precondition
    ) {
        guard ifMatch == .none || ifMatch.includes(tag) else { return answer(.preconditionFailed) }
        let isNotModified = ifNoneMatch.includes(tag)
        handler.head.begin(isNotModified ? .notModified : .ok)
        handler.head.entityTag(tag)
        if isNotModified {
            handler.head.field(AnswerHead.cacheable)
            return send(.notModified, nil)
        }
        handler.head.cacheableJSON(length: document.count)
        send(.ok, document)
    }

    private func answerSave(_ reply: Reply, _ version: Int64, _ tag: EntityTag) {
        let bytes = reply.bytes
        switch Outcome(bytes) {
        case .saved: answerSaved(version, replaced: false) { $0.entityTag(tag) }
        case .replaced: answerSaved(version, replaced: true) { $0.entityTag(tag) }
        case .unchanged(let stored):
            answerSaved(version, replaced: false) { $0.entityTag(UnsafeRawBufferPointer(rebasing: bytes[stored])) }
        case .refused(let stored, let document):
            handler.body.removeAll(keepingCapacity: true)
            handler.body.append(#"{"success":false,"serverVersion":"#)
            handler.body.append(decimal: Int(stored))
            handler.body.append(#","conflictResolution":"server""#)
            if let document {
                handler.body.append(#","current":"#)
                handler.body.append(contentsOf: bytes[document])
            }
            handler.body.append("}")
            handler.head.begin(.ok)
            if document != nil { handler.head.field(AnswerHead.representation) }
            answerBody()
        case .preconditionFailed(_, let document):
            answer(.preconditionFailed, current: document.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) })
        case .notStaged: askUnstaged(version, tag)
        default: answerUnintelligible()
        }
    }

    /// The document that was sent ahead is not there: evicted, or refused for want of memory. So it is sent along.
    private func askUnstaged(_ version: Int64, _ tag: EntityTag) {
        guard case .stagedSave = question else { return answerUnintelligible() }
        let store = handler.store
        question = .save(version: version, tag: tag)
        store.ask(repeatable: true, self) {
            handler.commands.unstaged(insteadOf: store.answeredCommand, $0)
        }
    }

    private func answerSaved(_ version: Int64, replaced: Bool, _ addTag: (inout AnswerHead) -> Void) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"success":true,"serverVersion":"#)
        handler.body.append(decimal: Int(version))
        if replaced { handler.body.append(#","conflictResolution":"client""#) }
        handler.body.append("}")
        handler.head.begin(.ok)
        addTag(&handler.head)
        answerBody()
    }

    private func answerDelete(_ reply: Reply) {
        let bytes = reply.bytes
        switch Outcome(bytes) {
        case .deleted: answerSuccess(true)
        case .nothing: answerSuccess(false)
        case .preconditionFailed(_, let document):
            answer(.preconditionFailed, current: document.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) })
        default: answerUnintelligible()
        }
    }

    private func answerUnintelligible() {
        handler.log.unintelligibleReply()
        answer(.unavailable)
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

    private func answerSuccess(_ success: Bool) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(success ? #"{"success":true}"# : #"{"success":false}"#)
        handler.head.begin(.ok)
        answerBody()
    }

    /// Sends what the handler's body holds, as JSON, under a head that was begun.
    private func answerBody() {
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

    private func send(_ status: Status, _ body: UnsafeRawBufferPointer?) {
        handler.head.end()
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let body = method == .head ? nothing : body ?? nothing
        isAnswered = true
        handler.head.bytes.withUnsafeBytes { responder.respond(head: $0, body: body) }
        if let record { handler.log.request(record, method, status, bytesOut: body.count) }
    }
}
