/// The question whether the store takes writes: a `SET` that changes nothing.
public struct ReadinessConversation: Equatable, Sendable {
    /// What came of it.
    public enum Result: Equatable, Sendable {
        /// It does.
        case ready
        /// It takes none, and serves reads.
        case readOnly(Refusal.Reason)
        /// There is no answer.
        case failed(StoreFailure)
    }

    /// The question.
    public init() {}

    /// Takes the reply.
    public mutating func take(_ reply: StoreReply) -> Step<Result> {
        switch reply {
        case .nothing, .done: return .done(.ready)
        case .refused(let refusal):
            switch refusal.reason {
            case .outOfMemory, .cannotPersist, .tooFewReplicas: return .done(.readOnly(refusal.reason))
            default: return .done(.failed(StoreFailure(refusal, isWrite: false)))
            }
        case .lost(let mayBeDone): return .done(.failed(.lost(mayBeDone: mayBeDone)))
        case .bytes, .number, .foreign: return .done(.failed(.foreign(isWrite: false)))
        }
    }
}
