import DashboardState
import RESP

extension StoreReply {
    /// What a reply of Redis, which is no error, is to a conversation.
    @_lifetime(copy reply)
    init(_ reply: Reply) {
        self =
            switch reply.kind {
            case .bulkString: .bytes(reply.bytes)
            case .null: .nothing
            case .simpleString: .done
            case .integer: .number(reply.integer ?? 0)
            default: .foreign
            }
    }
}

extension Refusal {
    /// What an error of Redis is to a conversation.
    init(_ error: ServerError) {
        let reason: Reason =
            switch error.code {
            case .noScript: .unknownScript
            case .wrongType: .wrongType
            case .outOfMemory: .outOfMemory
            case .misconf: .cannotPersist
            case .noReplicas: .tooFewReplicas
            case .readOnly: .isReplica
            case .masterDown: .masterIsAway
            case .noAuth: .isLoggedOut
            case nil: .unknown
            default: .other
            }
        self.init(reason, isFromScript: error.isFromScript)
    }
}

extension ServerError.Code {
    /// The error that says so, where it is one over which Redis takes no writes.
    init?(refusingWrites reason: Refusal.Reason) {
        switch reason {
        case .outOfMemory: self = .outOfMemory
        case .cannotPersist: self = .misconf
        case .tooFewReplicas: self = .noReplicas
        default: return nil
        }
    }
}

extension RESPError {
    /// Why a connection is given up; `nil` where it is not.
    init?(_ remedy: StoreFailure.Remedy) {
        switch remedy {
        case .none: return nil
        case .givenUp: self = .protocolError("a reply that is none to its command")
        case .leadsToReplica: self = .replica
        case .loggedOut: self = .refused(.noAuth)
        }
    }
}
