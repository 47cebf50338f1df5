import Bytes
import DashboardState
import RESP

/// `GET /readyz`: whether Redis takes writes.
extension StateHandler {
    func beginReadiness(_ exchange: Exchange) {
        let tag = EntityTag(using: &random)
        exchange.ask(.readiness(ReadinessConversation())) { commands.tryWrite(tag, $0) }
    }
}

extension Exchange {
    func answer(_ result: ReadinessConversation.Result, _ error: ServerError?) {
        switch result {
        case .ready: answerStatus("ready")
        case .readOnly(let reason): answerReadOnly(ServerError.Code(refusingWrites: reason))
        case .failed(let failure): answer(failure, error)
        }
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
}
