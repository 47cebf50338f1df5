import Bytes
import DashboardState
import RESP

/// `DELETE` of the state.
extension StateHandler {
    func beginDelete(_ exchange: Exchange, _ fields: RequestFields) throws(Problem) {
        let conditions = try conditions(fields)
        if !conditions.isUnconditional { takeStagingKey(EntityTag(using: &random)) }
        exchange.ask(.delete(DeleteConversation(isConditional: !conditions.isUnconditional))) {
            commands.delete(key, spare: stagingKey, conditions, $0)
        }
    }
}

extension Exchange {
    func answer(_ result: DeleteConversation.Result, _ bytes: UnsafeRawBufferPointer, _ error: ServerError?) {
        switch result {
        case .deleted(let success): answerSuccess(success)
        case .preconditionFailed(let document):
            answer(.preconditionFailed, current: document.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) })
        case .failed(let failure): answer(failure, error)
        }
    }

    private func answerSuccess(_ success: Bool) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(success ? #"{"success":true}"# : #"{"success":false}"#)
        handler.head.begin(.ok)
        answerBody()
    }
}
