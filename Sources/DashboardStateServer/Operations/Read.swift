import DashboardState
import StateStore

/// `GET` and `HEAD` of the state.
extension StateHandler {
    func beginRead(_ exchange: Exchange, _ identity: Identity, _ fields: RequestFields) throws(Problem) {
        let ifMatch = try precondition(fields.ifMatch, "If-Match")
        let ifNoneMatch = try precondition(fields.ifNoneMatch, "If-None-Match")
        exchange.asks()
        store.read(identity, ifMatch: ifMatch, ifNoneMatch: ifNoneMatch, for: exchange)
    }
}

extension Exchange {
    func receive(_ result: ReadResult) {
        noteReply()
        switch result {
        case .found(let document, let tag):
            handler.head.begin(.ok)
            handler.head.entityTag(tag)
            handler.head.cacheableJSON(length: document.byteCount)
            send(.ok, document)
        case .notModified(let tag):
            handler.head.begin(.notModified)
            handler.head.entityTag(tag)
            handler.head.field(AnswerHead.cacheable)
            send(.notModified, RawSpan())
        case .nothingStored: answer(.nothingStored)
        case .preconditionFailed: answer(.preconditionFailed)
        case .failed(let failure): answer(failure)
        }
    }
}
