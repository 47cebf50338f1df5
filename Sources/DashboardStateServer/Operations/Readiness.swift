import Bytes
import StateStore

/// `GET /readyz`: whether Redis takes writes.
extension Exchange {
    func receive(_ result: ReadinessResult) {
        noteReply()
        switch result {
        case .ready: answerStatus("ready")
        case .partly(let reason): answerStatus("ready", reason)
        case .readOnly(let reason): answerStatus("read-only", reason)
        case .failed(let failure): answer(failure)
        }
    }

    private func answerStatus(_ status: StaticString, _ reason: String) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"status":""#)
        handler.body.append(status)
        handler.body.append(#"","reason":""#)
        handler.body.append(contentsOf: reason.utf8)
        handler.body.append(#""}"#)
        handler.head.begin(.ok)
        answerBody(.answered)
    }
}
