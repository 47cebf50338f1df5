import DashboardState
import StateStore

/// `GET` and `HEAD` of the state.
extension StateHandler {
    func beginRead(_ exchange: Exchange, _ identity: Identity, _ fields: RequestFields) throws(Problem) {
        let ifMatch = try precondition(fields.ifMatch, "If-Match")
        let ifNoneMatch = try precondition(fields.ifNoneMatch, "If-None-Match")
        exchange.asks(.get)
        store.read(identity, ifMatch: ifMatch, ifNoneMatch: ifNoneMatch, for: exchange)
    }
}

extension Exchange {
    func receive(_ result: ReadResult) {
        noteReply()
        switch result {
        case .found(let document, let tag, let lastModified):
            note(document.byteCount, lastModified)
            handler.head.begin(.ok)
            handler.head.entityTag(tag)
            handler.head.cacheableJSON(length: document.byteCount)
            send(.hit, document)
        case .notModified(let tag, let lastModified):
            note(0, lastModified)
            handler.head.begin(.notModified)
            handler.head.entityTag(tag)
            handler.head.field(AnswerHead.cacheable)
            send(.notModified, RawSpan())
        case .nothingStored(let isUnusable):
            answer(.nothingStored, as: isUnusable ? .unusable : nil)
        case .preconditionFailed: answer(.preconditionFailed)
        case .failed(let failure): answer(failure)
        }
    }
}
