import Bytes
import CanonicalJSON
import DashboardState
import EventLoop
import FastCGI
import RESP

/// `POST` of a state.
extension StateHandler {
    func beginSave(_ exchange: Exchange, _ request: Request, _ fields: RequestFields) throws(Problem) {
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

        let tag = EntityTag(using: &random)
        documentHead.removeAll(keepingCapacity: true)
        DocumentHead.append(
            version: body.version,
            lastModified: body.lastModified ?? Timestamp(milliseconds: Clock.unixMilliseconds()),
            tag: tag,
            checksum: checksum,
            ancestry: body.ancestry.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) },
            to: &documentHead
        )
        let isStaged = takeStagingKey(tag) && state.count >= StateCommands.stagedLength
        documentHead.withUnsafeBytes { head in
            let save = StateCommands.Save(
                version: body.version,
                head: head,
                state: state,
                hasClientTime: body.lastModified != nil,
                conditions: conditions
            )
            let talk = Talk.save(SaveConversation(isStaged: isStaged), version: body.version, tag: tag)
            if isStaged {
                exchange.askStaged(talk, length: state.count) {
                    commands.stagedSave(key, staging: stagingKey, save, $0)
                }
            } else {
                exchange.ask(talk, length: state.count) {
                    commands.save(key, spare: stagingKey, save, $0)
                }
            }
        }
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
    func answer(
        _ result: SaveConversation.Result,
        _ version: Int64,
        _ tag: EntityTag,
        _ bytes: UnsafeRawBufferPointer,
        _ error: ServerError?
    ) {
        switch result {
        case .saved(let replaced):
            handler.troubles.writeSucceeded()
            answerSaved(version, replaced: replaced) { $0.entityTag(tag) }
        case .unchanged(let stored):
            answerSaved(version, replaced: false) { $0.entityTag(UnsafeRawBufferPointer(rebasing: bytes[stored])) }
        case .refused(let stored, let document):
            answerRefused(stored, document.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) })
        case .preconditionFailed(let document):
            answer(.preconditionFailed, current: document.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) })
        case .failed(let failure): answer(failure, error)
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
