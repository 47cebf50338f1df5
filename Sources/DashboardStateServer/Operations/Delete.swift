import Bytes
import DashboardState
import StateStore

/// `DELETE` of the state.
extension StateHandler {
    func beginDelete(_ exchange: Exchange, _ identity: Identity, _ fields: RequestFields) throws(Problem) {
        let conditions = try conditions(fields)
        exchange.asks(conditions.isUnconditional ? .del : .evalsha)
        store.delete(identity, under: conditions, for: exchange)
    }
}

extension Exchange {
    func receive(_ result: DeleteResult) {
        noteReply()
        switch result {
        case .deleted(let existed): answerDeleted(existed)
        case .preconditionFailed(let document): answer(.preconditionFailed, current: document)
        case .failed(let failure): answer(failure)
        }
    }

    private func answerDeleted(_ existed: Bool) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(existed ? #"{"success":true}"# : #"{"success":false}"#)
        handler.head.begin(.ok)
        answerBody(existed ? .deleted : .nothingDeleted)
    }
}
