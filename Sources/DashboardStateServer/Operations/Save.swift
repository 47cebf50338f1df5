import Bytes
import CanonicalJSON
import DashboardState
import FastCGI
import StateStore

/// `POST` of a state.
extension StateHandler {
    func beginSave(
        _ exchange: Exchange,
        _ identity: Identity,
        _ request: Request,
        _ fields: RequestFields
    ) throws(Problem) {
        let conditions = try conditions(fields)
        guard fields.isJSON else { throw .notJSON }
        guard !fields.isEncoded else { throw .encodedBody }
        let bytes = request.body
        switch request.bodyStatus {
        case .complete: break
        case .tooLong(let length): throw .tooLarge(limit: configuration.maxBody, actual: length)
        case .unexpectedLength(let announced): throw .unexpectedLength(announced: announced, received: bytes.byteCount)
        case .malformedLength: throw .malformedLength
        }
        let body: SaveBody
        do throws(BodyError) { body = try SaveBody.parse(bytes, canonicalForm) } catch { throw .invalidBody(error) }
        if let checksum = body.checksum { try verify(bytes[checksum], of: bytes[body.state], body.stateForm) }
        let document = NewDocument(
            version: body.version,
            lastModified: body.lastModified,
            checksum: bytes[body.checksum],
            ancestry: bytes[body.ancestry],
            state: bytes[body.state]
        )
        exchange.asks(.evalsha, sending: document.state.byteCount)
        store.save(document, of: identity, under: conditions, for: exchange)
    }

    private func verify(
        _ checksum: RawSpan,
        of state: RawSpan,
        _ known: StateForm
    ) throws(Problem) {
        let actual: [UInt8]
        let canonicalForm = canonicalForm
        do throws(CanonicalError) {
            actual =
                switch known {
                case .own: hasher.sha256(state)
                case .made: hasher.sha256(try canonicalForm.made())
                case .unknown: hasher.sha256(try canonicalForm.bytes(of: state))
                }
        } catch {
            throw .noCanonicalForm(error)
        }
        guard checksum.withUnsafeBytes({ $0.elementsEqual(actual) }) else {
            throw .checksumMismatch(actual: String(decoding: actual, as: UTF8.self))
        }
    }
}

extension Exchange {
    func receive(_ result: SaveResult) {
        noteReply()
        switch result {
        case .saved(let version, let tag, let replaced):
            answerSaved(version, replaced ? .replaced : .saved) { $0.entityTag(tag) }
        case .unchanged(let version, let tag): answerSaved(version, .unchanged) { $0.entityTag(tag) }
        case .refused(let version, let document): answerRefused(version, document)
        case .preconditionFailed(let document): answer(.preconditionFailed, current: document)
        case .failed(let failure): answer(failure)
        }
    }

    private func answerRefused(_ version: Int64, _ document: RawSpan?) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"success":false,"serverVersion":"#)
        handler.body.append(decimal: Int(version))
        handler.body.append(#","conflictResolution":"server""#)
        let hasDocument = document != nil
        if let document {
            handler.body.append(#","current":"#)
            document.withUnsafeBytes { handler.body.append(contentsOf: $0) }
        }
        handler.body.append("}")
        handler.head.begin(.ok)
        if hasDocument { handler.head.field(AnswerHead.representation) }
        answerBody(.refused)
    }

    private func answerSaved(_ version: Int64, _ outcome: RequestOutcome, _ addTag: (inout AnswerHead) -> Void) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"success":true,"serverVersion":"#)
        handler.body.append(decimal: Int(version))
        if outcome == .replaced { handler.body.append(#","conflictResolution":"client""#) }
        handler.body.append("}")
        handler.head.begin(.ok)
        addTag(&handler.head)
        answerBody(outcome)
    }
}
