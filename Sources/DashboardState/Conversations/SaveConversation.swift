/// A save: a script that decides, with the document as its argument or sent ahead of it under a staging key.
///
/// The script is loaded once where the store does not know it. A document that was sent ahead and is not there (evicted, or
/// refused for want of memory) goes along with the script instead.
public struct SaveConversation: Equatable, Sendable {
    /// What came of it.
    public enum Result: Equatable, Sendable {
        /// Saved, over another document or not.
        case saved(replaced: Bool)
        /// The very same save had happened before; the range of the reply holds the stored document's entity tag.
        case unchanged(tag: Range<Int>)
        /// The stored document wins; the range holds it where it was asked for.
        case refused(version: Int64, document: Range<Int>?)
        /// The stored document is not the one that was asked for; the range holds it where it was asked for.
        case preconditionFailed(document: Range<Int>?)
        /// There is no answer.
        case failed(StoreFailure)
    }

    /// Whether the document is sent ahead of the script.
    public private(set) var isStaged: Bool
    private var replies: ScriptReplies

    /// A save with the document sent ahead of the script, or not.
    public init(isStaged: Bool) {
        self.isStaged = isStaged
        replies = ScriptReplies(.save, commandsAhead: isStaged ? 1 : 0)
    }

    /// The script is called anew, with the document as its argument.
    public mutating func beginAgainUnstaged() { self = SaveConversation(isStaged: false) }

    /// How many commands it takes, without a script that is loaded.
    public var commandCount: Int { replies.commandsAhead + 1 }

    /// Takes the next reply.
    /// - Parameter index: which of the commands that were sent together it answers, from 0.
    public mutating func take(_ reply: StoreReply, at index: Int = 0) -> Step<Result> {
        switch replies.take(reply, at: index) {
        case .wait(let aside): .wait(aside)
        case .load(let script): .load(script)
        case .failed(let failure): .done(.failed(failure))
        case .decided(let bytes): decided(Outcome(bytes))
        }
    }

    private mutating func decided(_ outcome: Outcome?) -> Step<Result> {
        switch outcome {
        case .saved: return .done(.saved(replaced: false))
        case .replaced: return .done(.saved(replaced: true))
        case .unchanged(let tag): return .done(.unchanged(tag: tag))
        case .refused(let version, let document): return .done(.refused(version: version, document: document))
        case .preconditionFailed(_, let document): return .done(.preconditionFailed(document: document))
        case .notStaged where isStaged:
            beginAgainUnstaged()
            return .unstage
        case .notStaged, .deleted, .nothing, nil: return .done(.failed(.foreign(isWrite: true)))
        }
    }
}
