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
        case .unexpectedLength(let announced): throw .unexpectedLength(announced: announced, received: bytes.count)
        case .malformedLength: throw .malformedLength
        }
        let body: SaveBody
        do throws(BodyError) { body = try SaveBody.parse(bytes, canonicalForm) } catch { throw .invalidBody(error) }
        let state = UnsafeRawBufferPointer(rebasing: bytes[body.state])
        let checksum = body.checksum.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
        if let checksum { try verify(checksum, of: state, body.stateForm) }

        let document = NewDocument(
            version: body.version,
            lastModified: body.lastModified,
            checksum: checksum,
            ancestry: body.ancestry.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) },
            state: state
        )
        exchange.ask { $0.save(document, of: identity, under: conditions, for: exchange) }
    }

    private func verify(
        _ checksum: UnsafeRawBufferPointer,
        of state: UnsafeRawBufferPointer,
        _ known: StateForm
    ) throws(Problem) {
        let form: UnsafeRawBufferPointer
        do throws(CanonicalError) {
            form =
                switch known {
                case .own: state
                case .made: try canonicalForm.made()
                case .unknown: try canonicalForm.bytes(of: state)
                }
        } catch {
            throw .noCanonicalForm(error)
        }
        let actual = hasher.sha256(form)
        guard actual.elementsEqual(checksum) else {
            throw .checksumMismatch(actual: String(decoding: actual, as: UTF8.self))
        }
    }
}

extension Exchange {
    func receive(_ result: SaveResult) {
        noteReply()
        switch result {
        case .saved(let version, let tag, let replaced): answerSaved(version, replaced: replaced) { $0.entityTag(tag) }
        case .unchanged(let version, let tag): answerSaved(version, replaced: false) { $0.entityTag(tag) }
        case .refused(let version, let document): answerRefused(version, document)
        case .preconditionFailed(let document): answer(.preconditionFailed, current: document)
        case .failed(let failure): answer(failure)
        }
    }

    private func answerRefused(_ version: Int64, _ document: UnsafeRawBufferPointer?) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"success":false,"serverVersion":"#)
        handler.body.append(decimal: Int(version))
        handler.body.append(#","conflictResolution":"server""#)
        if let document {
            handler.body.append(#","current":"#)
            handler.body.append(contentsOf: document)
        }
        handler.body.append("}")
        handler.head.begin(.ok)
        if document != nil { handler.head.field(AnswerHead.representation) }
        answerBody()
    }

    private func answerSaved(_ version: Int64, replaced: Bool, _ addTag: (inout AnswerHead) -> Void) {
        handler.body.removeAll(keepingCapacity: true)
        handler.body.append(#"{"success":true,"serverVersion":"#)
        handler.body.append(decimal: Int(version))
        if replaced { handler.body.append(#","conflictResolution":"client""#) }
        handler.body.append("}")
        handler.head.begin(.ok)
        addTag(&handler.head)
        answerBody()
    }
}
