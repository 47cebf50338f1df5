import Bytes
import StateStore

/// `GET /readyz`: whether Redis takes writes.
extension Exchange {
    func receive(_ result: ReadinessResult) {
        noteReply()
        switch result {
        case .ready: answerStatus("ready")
        case .readOnly(let reason): answerReadOnly(reason)
        case .failed(let failure): answer(failure)
        }
    }

    /// Redis serves reads, and refuses writes.
    private func answerReadOnly(_ reason: String) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"status":"read-only","reason":""#)
        handler.body.append(contentsOf: reason.utf8)
        handler.body.append(#""}"#)
        handler.head.begin(.ok)
        answerBody()
    }
}
