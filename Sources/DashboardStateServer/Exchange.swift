import Bytes
import DashboardState
import EventLoop
import FastCGI
import RESP

/// One request from its arrival to its answer, and what Redis says to it in between.
final class Exchange: ReplyReceiver {
    private let handler: StateHandler
    private let responder: any Responder
    private let method: Method
    // Unchecked: an exchange is one loop's, and nothing calls back into it while one of these changes. Checks at run time
    // cost a request some 60 instructions each.
    @exclusivity(unchecked) private var question = Question.nothing
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

    /// Asks Redis; the answer comes to ``receive(_:_:)`` or ``fail(_:)``.
    /// - Parameter length: about how many bytes it takes.
    func ask(_ question: Question, length: Int = 0, _ encode: (CommandEncoder) -> Void) {
        self.question = question
        record?.asked()
        handler.link.ask(
            isWrite: question.isWrite,
            length: length,
            self,
            encode
        )
    }

    /// Asks Redis to save a document that goes ahead of the script.
    func askStaged(
        _ question: Question,
        length: Int,
        _ encode: (CommandEncoder) -> StateCommands.StagedParts
    ) {
        ask(question, length: length) { stagedParts = encode($0) }
    }

    // MARK: Redis's answer

    func receive(_ reply: Reply, _ index: Int, to sent: UnsafeRawBufferPointer) {
        if index < ahead.commandCount { return receiveLoading(reply) }
        if index + 1 < ahead.commandCount + question.commandCount { return receiveStaging(reply) }
        guard !isAnswered else { return }
        record?.answered()
        let sent = UnsafeRawBufferPointer(rebasing: sent[ahead.length...])
        if reply.kind.isError { return receiveError(ServerError(reply), sent) }
        // A reply of a kind that its command cannot have may belong to another request.
        switch (question, reply.kind) {
        case (.read(let ifMatch, let ifNoneMatch), .bulkString), (.read(let ifMatch, let ifNoneMatch), .null):
            answerRead(reply, ifMatch, ifNoneMatch, sent)
        case (.save(let version, let tag), .bulkString), (.stagedSave(let version, let tag), .bulkString):
            answerSave(reply, version, tag, sent)
        case (.conditionalDelete, .bulkString): answerDelete(reply)
        case (.delete, .integer): answerSuccess(reply.integer ?? 0 > 0)
        case (.readiness, .null), (.readiness, .simpleString): answerStatus("ready")
        default: answerUnintelligible()
        }
    }

    /// Of a script that is loaded only the failure matters, and what needs it then finds it missing.
    private func receiveLoading(_ reply: Reply) {
        if reply.kind.isError {
            handler.troubles.refused(ServerError(reply), "script")
        } else if reply.kind != .bulkString {
            handler.link.reconnect(because: Self.foreignReply)
        }
    }

    /// Of a document that was sent ahead only the failure matters, and the script then finds it missing.
    private func receiveStaging(_ reply: Reply) {
        if reply.kind.isError {
            let error = ServerError(reply)
            if error.code != .outOfMemory { handler.troubles.refused(error, "set") }
        } else if reply.kind != .simpleString {
            handler.link.reconnect(because: Self.foreignReply)
        }
    }

    /// What a reply of a kind that its command cannot have is to the connection.
    private static let foreignReply = RESPError.protocolError("a reply that is none to its command")

    func fail(_ error: RESPError) {
        guard !isAnswered else { return }
        record?.answered()
        answer(error == .unanswered ? .outcomeUnknown : .unavailable)
    }

    private func receiveError(_ error: ServerError, _ sent: UnsafeRawBufferPointer) {
        switch (error.code, question) {
        case (.noScript, _): return askWithScript(sent)
        case (.wrongType, .read(let ifMatch, _)):
            return answer(ifMatch == .none ? .nothingStored : .preconditionFailed)
        case (.outOfMemory, .readiness), (.misconf, .readiness), (.noReplicas, .readiness):
            return answerReadOnly(error.code)
        default: break
        }
        handler.troubles.refused(error, question.command)
        switch error.code {
        case .outOfMemory where question.isWrite: answer(.outOfMemory)
        case .readOnly, .masterDown:
            answer(.unavailable)
            handler.link.reconnect(because: .replica)
        // A proxy has lost its login: a new connection logs in again.
        case .noAuth:
            answer(.unavailable)
            handler.link.reconnect(because: .refused(.noAuth))
        // A proxy's own words, behind which a server may have done what it was asked.
        case nil where question.isWrite && !error.isFromScript: answer(.outcomeUnknown)
        default: answer(.unavailable)
        }
    }

    /// Redis does not know the script by its name: it has been restarted, or is another one.
    private func askWithScript(_ sent: UnsafeRawBufferPointer) {
        // Who does not know it when it is sent along will not learn it.
        guard ahead.commandCount == 0 else { return answer(.unavailable) }
        let script: StateCommands.Script
        switch question {
        case .save, .stagedSave: script = handler.commands.save
        case .conditionalDelete: script = handler.commands.delete
        case .nothing, .readiness, .read, .delete: return answer(.unavailable)
        }
        ahead.commandCount = 1
        handler.link.ask(isWrite: true, length: sent.count, self) {
            ahead.length = handler.commands.load(script, before: sent, commandCount: question.commandCount, $0)
        }
    }

    private func answerRead(
        _ reply: Reply,
        _ ifMatch: Precondition,
        _ ifNoneMatch: Precondition,
        _ sent: UnsafeRawBufferPointer
    ) {
        guard !reply.isNull else {
            return answer(ifMatch == .none ? .nothingStored : .preconditionFailed)
        }
        let document = reply.bytes
        switch StoredDocument(document) {
        case .own(let tag, let lastModified):
            renew(document[lastModified], sent)
            answerRead(document, UnsafeRawBufferPointer(rebasing: document[tag]), ifMatch, ifNoneMatch)
        case .foreign(let lastModified):
            renew(lastModified.map { document[$0].dropFirst().dropLast() } ?? document[..<0], sent)
            handler.hasher.sha1(document).withUnsafeBytes { answerRead(document, $0, ifMatch, ifNoneMatch) }
        case .unusable:
            // What is stored is no document; its key is nobody's business.
            handler.troubles.tell(.warning, "a stored value is not a document, and counts as nothing stored")
            answer(ifMatch == .none ? .nothingStored : .preconditionFailed)
        }
    }

    /// Keeps a state alive that is read long after it was saved.
    private func renew(_ lastModified: Slice<UnsafeRawBufferPointer>, _ read: UnsafeRawBufferPointer) {
        handler.renewal.noticeRead(of: UnsafeRawBufferPointer(rebasing: lastModified), by: read)
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

    private func answerSave(_ reply: Reply, _ version: Int64, _ tag: EntityTag, _ sent: UnsafeRawBufferPointer) {
        let bytes = reply.bytes
        switch Outcome(bytes) {
        case .saved:
            handler.troubles.writeSucceeded()
            answerSaved(version, replaced: false) { $0.entityTag(tag) }
        case .replaced:
            handler.troubles.writeSucceeded()
            answerSaved(version, replaced: true) { $0.entityTag(tag) }
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
        case .notStaged: askUnstaged(version, tag, sent)
        default: answerUnintelligible()
        }
    }

    /// The document that was sent ahead is not there: evicted, or refused for want of memory. So it is sent along.
    private func askUnstaged(_ version: Int64, _ tag: EntityTag, _ sent: UnsafeRawBufferPointer) {
        guard case .stagedSave = question, let stagedParts else { return answerUnintelligible() }
        question = .save(version: version, tag: tag)
        ahead = (0, 0)
        handler.link.ask(isWrite: true, length: sent.count, self) {
            handler.commands.unstaged(sent, stagedParts, $0)
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

    /// A reply that is none to the question may be one to another request's, and all behind it too.
    private func answerUnintelligible() {
        handler.troubles.tell(.error, "Redis gave an answer that is not understood")
        answer(question.isWrite ? .outcomeUnknown : .unavailable)
        handler.link.reconnect(because: Self.foreignReply)
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

    /// Redis serves reads, and refuses writes.
    private func answerReadOnly(_ code: ServerError.Code?) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"status":"read-only","reason":""#)
        handler.body.append(contentsOf: (RedisTroubles.sentence(code) ?? "").utf8)
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
