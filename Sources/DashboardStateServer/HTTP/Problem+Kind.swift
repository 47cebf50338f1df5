/// Which problem it is: what `type` tells, or the status alone where that says it all.
extension Problem {
    enum Kind: Int, CaseIterable {
        case malformedPrecondition
        case invalidBody
        case incompleteBody
        case noUser
        case noWorkspace
        case unusableIdentity
        case otherUser
        case otherWorkspace
        case wrongProxySecret
        case nothingStored
        case preconditionFailed
        case bodyTooLarge
        case notJSON
        case encodedBody
        case checksumMismatch
        case noCanonicalForm
        case preconditionRequired
        case tooManyFields
        case storageUnavailable
        case outcomeUnknown
        case storageFull
        // Their type is `about:blank`.
        case unusableFields
        case unknownPath
        case methodNotAllowed

        /// The last part of `type`; `nil` where the status says it all.
        var name: StaticString? {
            switch self {
            case .malformedPrecondition: "malformed-precondition"
            case .invalidBody: "invalid-body"
            case .incompleteBody: "incomplete-body"
            case .noUser: "no-user"
            case .noWorkspace: "no-workspace"
            case .unusableIdentity: "unusable-identity"
            case .otherUser: "other-user"
            case .otherWorkspace: "other-workspace"
            case .wrongProxySecret: "wrong-proxy-secret"
            case .nothingStored: "nothing-stored"
            case .preconditionFailed: "precondition-failed"
            case .bodyTooLarge: "body-too-large"
            case .notJSON: "not-json"
            case .encodedBody: "encoded-body"
            case .checksumMismatch: "checksum-mismatch"
            case .noCanonicalForm: "no-canonical-form"
            case .preconditionRequired: "precondition-required"
            case .tooManyFields: "too-many-fields"
            case .storageUnavailable: "storage-unavailable"
            case .outcomeUnknown: "outcome-unknown"
            case .storageFull: "storage-full"
            case .unusableFields, .unknownPath, .methodNotAllowed: nil
            }
        }

        var status: Status {
            switch self {
            case .malformedPrecondition, .invalidBody, .incompleteBody, .unusableFields: .badRequest
            case .noUser: .unauthorized
            case .noWorkspace, .unusableIdentity, .otherUser, .otherWorkspace, .wrongProxySecret: .forbidden
            case .nothingStored, .unknownPath: .notFound
            case .preconditionFailed: .preconditionFailed
            case .bodyTooLarge: .contentTooLarge
            case .notJSON, .encodedBody: .unsupportedMediaType
            case .checksumMismatch, .noCanonicalForm: .unprocessableContent
            case .preconditionRequired: .preconditionRequired
            case .tooManyFields: .requestHeaderFieldsTooLarge
            case .storageUnavailable, .outcomeUnknown: .serviceUnavailable
            case .storageFull: .insufficientStorage
            case .methodNotAllowed: .methodNotAllowed
            }
        }
    }
}
