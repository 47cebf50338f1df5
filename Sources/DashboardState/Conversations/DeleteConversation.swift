/// A delete: `DEL`, or a script that decides where that depends on a precondition.
public struct DeleteConversation: Equatable, Sendable {
    /// What came of it.
    public enum Result: Equatable, Sendable {
        /// The state is gone; whether there was one.
        case deleted(Bool)
        /// The stored document is not the one that was asked for; the range of the reply holds it where it was asked for.
        case preconditionFailed(document: Range<Int>?)
        /// There is no answer.
        case failed(StoreFailure)
    }

    /// The replies of the script, where it decides.
    private var replies: ScriptReplies?

    /// A delete that depends on a precondition, or not.
    public init(isConditional: Bool) { replies = isConditional ? ScriptReplies(.delete, commandsAhead: 0) : nil }

    /// Whether a script decides.
    public var isConditional: Bool { replies != nil }

    /// The script, where one decides, is called anew.
    public mutating func beginAgain() { self = DeleteConversation(isConditional: isConditional) }

    /// Takes the next reply.
    /// - Parameter index: which of the commands that were sent together it answers, from 0.
    public mutating func take(_ reply: StoreReply, at index: Int = 0) -> Step<Result> {
        guard let event = replies?.take(reply, at: index) else { return .done(plain(reply)) }
        switch event {
        case .wait(let aside): return .wait(aside)
        case .load(let script): return .load(script)
        case .failed(let failure): return .done(.failed(failure))
        case .decided(let bytes): return .done(decided(Outcome(bytes)))
        }
    }

    private func plain(_ reply: StoreReply) -> Result {
        switch reply {
        case .number(let count): .deleted(count > 0)
        case .refused(let refusal): .failed(StoreFailure(refusal, isWrite: true))
        case .lost(let mayBeDone): .failed(.lost(mayBeDone: mayBeDone))
        case .bytes, .nothing, .done, .foreign: .failed(.foreign(isWrite: true))
        }
    }

    private func decided(_ outcome: Outcome?) -> Result {
        switch outcome {
        case .deleted: .deleted(true)
        case .nothing: .deleted(false)
        case .preconditionFailed(_, let document): .preconditionFailed(document: document)
        default: .failed(.foreign(isWrite: true))
        }
    }
}
