import DashboardState
import RESP

/// What a conversation's result means: to the asker, to operators, and for the connection.
extension Talk {
    func settle(_ result: ReadinessConversation.Result, _ error: ServerError?) {
        let asker = end()
        switch result {
        case .ready: asker?.receive(.ready)
        case .readOnly(let reason):
            asker?.receive(.readOnly(RedisTroubles.sentence(ServerError.Code(refusingWrites: reason)) ?? ""))
        case .failed(let failure): settle(failure, error) { asker?.receive(ReadinessResult.failed($0)) }
        }
    }

    /// - Parameters:
    ///   - bytes: what the result's ranges refer to.
    ///   - sent: the read.
    @inline(__always)
    func settle(
        _ result: ReadConversation.Result,
        _ bytes: RawSpan,
        _ sent: RawSpan,
        _ error: ServerError?
    ) {
        let asker = end()
        if let document = result.document {
            store.renewal.noticeRead(of: bytes[document.lastModified], by: sent, route)
        } else if result.isUnusable {
            // What is stored is no document; its key is nobody's business.
            store.troubles.tell(.warning, "a stored value is not a document, and counts as nothing stored")
        }
        switch result.verdict {
        case .found, .notModified:
            guard let document = result.document else {
                return asker?.receive(ReadResult.nothingStored(isUnusable: false)) ?? ()
            }
            let lastModified = bytes[document.lastModified]
            let isModified = if case .found = result.verdict { true } else { false }
            func tell(_ tag: RawSpan) {
                asker?.receive(
                    isModified
                        ? .found(bytes, tag: tag, lastModified: lastModified)
                        : .notModified(tag: tag, lastModified: lastModified)
                )
            }
            guard let tag = document.tag else {
                return store.derivedTag.withUnsafeBytes { tell(RawSpan(_unsafeBytes: $0)) }
            }
            tell(bytes[tag])
        case .nothingStored: asker?.receive(ReadResult.nothingStored(isUnusable: result.isUnusable))
        case .preconditionFailed: asker?.receive(ReadResult.preconditionFailed)
        case .failed(let failure): settle(failure, error) { asker?.receive(ReadResult.failed($0)) }
        }
    }

    /// - Parameters:
    ///   - version: the new document's.
    ///   - tag: likewise.
    ///   - bytes: what the result's ranges refer to.
    func settle(
        _ result: SaveConversation.Result,
        _ version: Int64,
        _ tag: EntityTag,
        _ bytes: RawSpan,
        _ error: ServerError?
    ) {
        let asker = end()
        switch result {
        case .saved(let replaced):
            if store.waitsForReplicas { return hold(.saved(version: version, tag, replaced: replaced), asker) }
            store.troubles.writeSucceeded(isOfSeveral: store.hasSlots)
            asker?.receive(.saved(version: version, tag, replaced: replaced))
        case .unchanged(let stored):
            let tag = bytes[stored]
            guard store.waitsForReplicas else {
                asker?.receive(.unchanged(version: version, tag: tag))
                return
            }
            // The first answer may have been that nobody knows, for want of replicas.
            hold(.unchanged(version: version, tag: tag.withUnsafeBytes { [UInt8]($0) }), asker)
        case .refused(let version, let document):
            asker?.receive(.refused(version: version, current: bytes[document]))
        case .preconditionFailed(let document):
            asker?.receive(SaveResult.preconditionFailed(current: bytes[document]))
        case .failed(let failure): settle(failure, error) { asker?.receive(SaveResult.failed($0)) }
        }
    }

    func settle(_ result: DeleteConversation.Result, _ bytes: RawSpan, _ error: ServerError?) {
        let asker = end()
        switch result {
        case .deleted(let existed):
            if store.waitsForReplicas { return hold(.deleted(existed), asker) }
            asker?.receive(.deleted(existed))
        case .preconditionFailed(let document):
            asker?.receive(DeleteResult.preconditionFailed(current: bytes[document]))
        case .failed(let failure): settle(failure, error) { asker?.receive(DeleteResult.failed($0)) }
        }
    }

    /// The asker is answered before anything becomes of the connection, which may fail others, and take the memory of the
    /// reply with it.
    private func settle(_ failure: StoreFailure, _ error: ServerError?, _ tell: (StoreFailure.Meaning) -> Void) {
        if failure.tells, let error { store.troubles.refused(error, conversation.command) }
        if failure.remedy == .givenUp {
            store.troubles.tell(.error, "Redis gave an answer that is not understood")
        }
        tell(failure.meaning)
        store.redis.remedy(failure.remedy)
    }
}
