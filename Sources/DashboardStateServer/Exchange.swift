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
        case delete
        case conditionalDelete

        /// Whether it does no harm to ask twice. A repeated save finds that it has happened already; a repeated delete
        /// could meet what somebody else has saved in between.
        var isRepeatable: Bool {
            switch self {
            case .nothing, .ping, .read, .save: true
            case .delete, .conditionalDelete: false
            }
        }
    }

    let connection: Connection
    private let method: Method
    private let traceID: [UInt8]?
    private let handler: StateHandler
    private let bytesIn: Int
    private var question = Question.nothing
    /// The time to live could not be renewed, and is left alone.
    private var isReadOnly = false
    private var askedAt: UInt64?
    private var answeredAt: UInt64?

    init(_ connection: Connection, _ fields: RequestFields, handler: StateHandler) {
        self.connection = connection
        self.handler = handler
        method = fields.method
        bytesIn = connection.body.count
        traceID = handler.log.isEnabled ? fields.traceID.map { [UInt8]($0) } : nil
    }

    /// Asks Redis; the answer comes to ``receive(_:)`` or ``fail(_:)``.
    func ask(_ question: Question, _ encode: (CommandEncoder) -> Void) {
        self.question = question
        askedAt = Clock.monotonic()
        handler.store.ask(repeatable: question.isRepeatable, self, encode)
    }

    // MARK: Redis's answer

    func receive(_ reply: Reply) {
        answeredAt = Clock.monotonic()
        if reply.kind.isError { return receiveError(reply) }
        switch question {
        case .nothing: break
        case .ping: answerStatus("ready")
        case .read(let ifMatch, let ifNoneMatch): answerRead(reply, ifMatch, ifNoneMatch)
        case .save(let version, let tag): answerSave(reply, version, tag)
        case .delete: answerJSON(reply.integer ?? 0 > 0 ? #"{"success":true}"# : #"{"success":false}"#)
        case .conditionalDelete: answerDelete(reply)
        }
    }

    func fail(_ error: RESPError) {
        answeredAt = Clock.monotonic()
        answer(.unavailable)
    }

    private func receiveError(_ reply: Reply) {
        let code = reply.errorCode
        if code.equals("NOSCRIPT"), let script {
            let store = handler.store
            return store.ask(repeatable: question.isRepeatable, self) {
                handler.commands.evaluate(script, insteadOf: store.answeredCommand, $0)
            }
        }
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

    /// The script that Redis was asked to run.
    private var script: StateCommands.Script? {
        switch question {
        case .save: handler.commands.save
        case .conditionalDelete: handler.commands.delete
        case .nothing, .ping, .read, .delete: nil
        }
    }

    private func answerRead(_ reply: Reply, _ ifMatch: Precondition, _ ifNoneMatch: Precondition) {
        guard !reply.isNull else {
            return answer(ifMatch == .none ? .nothingStored : .preconditionFailed)
        }
        let document = reply.bytes
        let tag: [UInt8]
        switch StoredDocument(document) {
        case .own(let range): tag = Array(document[range])
        case .foreign: tag = handler.hasher.sha1(document)
        case .unusable:
            handler.log.unusableDocument()
            return answer(.nothingStored)
        }
        tag.withUnsafeBytes { tag in
            guard ifMatch == .none || ifMatch.includes(tag) else { return answer(.preconditionFailed) }
            var head = AnswerHead()
            let isNotModified = ifNoneMatch.includes(tag)
            head.begin(isNotModified ? .notModified : .ok)
            head.entityTag(tag)
            head.field("Cache-Control", "private, no-cache")
            if !isNotModified {
                head.field("Content-Type", "application/json")
                head.field("Content-Length", decimal: document.count)
            }
            send(isNotModified ? .notModified : .ok, head, isNotModified ? nil : document)
        }
    }

    private func answerSave(_ reply: Reply, _ version: Int64, _ tag: EntityTag) {
        let bytes = reply.bytes
        switch Outcome(bytes) {
        case .saved: answerSaved(version, tag.bytes, replaced: false)
        case .replaced: answerSaved(version, tag.bytes, replaced: true)
        case .unchanged(let stored): answerSaved(version, [UInt8](bytes[stored]), replaced: false)
        case .refused(let stored, let document):
            var body: [UInt8] = []
            body.append(#"{"success":false,"serverVersion":"#)
            body.append(decimal: stored)
            body.append(#","conflictResolution":"server""#)
            if let document {
                body.append(#","current":"#)
                body.append(contentsOf: bytes[document])
            }
            body.append("}")
            answerJSON(body, appliesPreference: document != nil)
        case .preconditionFailed(_, let document):
            answer(.preconditionFailed, current: document.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) })
        default: answerUnintelligible()
        }
    }

    private func answerSaved(_ version: Int64, _ tag: [UInt8], replaced: Bool) {
        var body: [UInt8] = []
        body.append(#"{"success":true,"serverVersion":"#)
        body.append(decimal: version)
        if replaced { body.append(#","conflictResolution":"client""#) }
        body.append("}")
        answerJSON(body, tag: tag)
    }

    private func answerDelete(_ reply: Reply) {
        let bytes = reply.bytes
        switch Outcome(bytes) {
        case .deleted: answerJSON(#"{"success":true}"#)
        case .nothing: answerJSON(#"{"success":false}"#)
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
        var head = AnswerHead()
        head.begin(.noContent)
        head.field("Allow", allowed)
        send(.noContent, head, nil)
    }

    func answerStatus(_ text: StaticString) {
        var body: [UInt8] = []
        body.append(#"{"status":""#)
        body.append(text)
        body.append(#""}"#)
        answerJSON(body)
    }

    private func answerJSON(_ text: StaticString) {
        var body: [UInt8] = []
        body.append(text)
        answerJSON(body)
    }

    private func answerJSON(_ body: [UInt8], tag: [UInt8]? = nil, appliesPreference: Bool = false) {
        var head = AnswerHead()
        head.begin(.ok)
        tag?.withUnsafeBytes { head.entityTag($0) }
        head.field("Cache-Control", "private, no-cache")
        if appliesPreference { head.field("Preference-Applied", "return=representation") }
        head.field("Content-Type", "application/json")
        head.field("Content-Length", decimal: body.count)
        body.withUnsafeBytes { send(.ok, head, $0) }
    }

    /// - Parameter current: the stored document, where the client asked for it.
    func answer(_ problem: Problem, current: UnsafeRawBufferPointer? = nil) {
        var body: [UInt8] = []
        problem.appendBody(to: &body, current: current)
        var head = AnswerHead()
        head.begin(problem.status)
        for field in problem.fields { head.field(field.name, field.value) }
        if current != nil { head.field("Preference-Applied", "return=representation") }
        head.field("Cache-Control", "no-store")
        head.field("Content-Type", "application/problem+json")
        head.field("Content-Length", decimal: body.count)
        body.withUnsafeBytes { send(problem.status, head, $0) }
    }

    private func send(_ status: Status, _ unfinished: AnswerHead, _ body: UnsafeRawBufferPointer?) {
        var head = unfinished
        head.end()
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let body = method == .head ? nothing : body ?? nothing
        let arrivedAt = connection.arrivedAt
        head.bytes.withUnsafeBytes { connection.respond(head: $0, body: body) }
        guard handler.log.isEnabled else { return }
        handler.log.request(
            method,
            status,
            took: Clock.monotonic() - arrivedAt,
            redisTook: askedAt.flatMap { asked in answeredAt.map { $0 - asked } },
            bytesIn: bytesIn,
            bytesOut: body.count,
            traceID: traceID
        )
    }
}
