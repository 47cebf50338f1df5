import DashboardState
import RESP

/// `GET` and `HEAD` of the state.
extension StateHandler {
    func beginRead(_ exchange: Exchange, _ fields: RequestFields) throws(Problem) {
        let read = ReadConversation(
            ifMatch: try precondition(fields.ifMatch, "If-Match"),
            ifNoneMatch: try precondition(fields.ifNoneMatch, "If-None-Match")
        )
        exchange.ask(.read(read)) { commands.read(key, $0) }
    }
}

extension Exchange {
    @inline(__always)
    func answer(
        _ result: ReadConversation.Result,
        _ bytes: UnsafeRawBufferPointer,
        _ sent: UnsafeRawBufferPointer,
        _ error: ServerError?
    ) {
        if let document = result.document {
            let lastModified = UnsafeRawBufferPointer(rebasing: bytes[document.lastModified])
            handler.renewal.noticeRead(of: lastModified, by: sent)
        } else if result.isUnusable {
            // What is stored is no document; its key is nobody's business.
            handler.troubles.tell(.warning, "a stored value is not a document, and counts as nothing stored")
        }
        switch result.verdict {
        case .found, .notModified:
            guard let document = result.document else { return answer(.nothingStored) }
            let isModified = if case .found = result.verdict { true } else { false }
            if let tag = document.tag {
                answerRead(bytes, UnsafeRawBufferPointer(rebasing: bytes[tag]), isModified: isModified)
            } else {
                handler.derivedTag.withUnsafeBytes { answerRead(bytes, $0, isModified: isModified) }
            }
        case .nothingStored: answer(.nothingStored)
        case .preconditionFailed: answer(.preconditionFailed)
        case .failed(let failure): answer(failure, error)
        }
    }

    @inline(__always)
    private func answerRead(_ document: UnsafeRawBufferPointer, _ tag: UnsafeRawBufferPointer, isModified: Bool) {
        handler.head.begin(isModified ? .ok : .notModified)
        handler.head.entityTag(tag)
        if isModified {
            handler.head.cacheableJSON(length: document.count)
            send(.ok, document)
        } else {
            handler.head.field(AnswerHead.cacheable)
            send(.notModified, nil)
        }
    }
}
