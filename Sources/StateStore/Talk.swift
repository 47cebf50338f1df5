import DashboardState
import RESP

/// A conversation with Redis while it is under way: what was asked, and what follows from each reply.
final class Talk: ReplyReceiver {
    let store: StateStore
    // Unchecked: a talk is one loop's, and nothing calls back into it while one of these changes. Checks at run time cost a
    // request some 60 instructions each.
    @exclusivity(unchecked) private(set) var conversation: Conversation
    /// Who is told; `nil` once that has happened.
    @exclusivity(unchecked) private var asker: (any StateAsker)?
    /// What was put in front of what was sent first: the script that Redis did not know. How many bytes, and commands.
    @exclusivity(unchecked) private var ahead = (length: 0, commandCount: 0)
    private var stagedParts: StateCommands.StagedParts?

    init(_ conversation: Conversation, _ store: StateStore, _ asker: any StateAsker) {
        self.conversation = conversation
        self.store = store
        self.asker = asker
    }

    /// Ends the conversation.
    /// - Returns: who is to be told.
    func end() -> (any StateAsker)? { asker.take() }

    /// Asks Redis; the answer comes to ``receive(_:_:to:)`` or ``fail(_:)``.
    /// - Parameter length: about how many bytes it takes.
    func ask(length: Int = 0, _ encode: (CommandEncoder) -> Void) {
        store.redis.ask(isWrite: conversation.isWrite, length: length, self, encode)
    }

    /// Asks Redis to save a document that goes ahead of the script.
    func askStaged(length: Int, _ encode: (CommandEncoder) -> StateCommands.StagedParts) {
        ask(length: length) { stagedParts = encode($0) }
    }

    // MARK: Replies

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        guard asker != nil else { return }
        guard !reply.kind.isError else {
            let error = ServerError(reply)
            return take(.refused(Refusal(error)), RawSpan(), index, sent, error)
        }
        take(StoreReply(reply), reply.bytes, index, sent, nil)
    }

    func fail(_ error: RESPError) {
        guard asker != nil else { return }
        take(.lost(mayBeDone: error == .unanswered), RawSpan(), 0, RawSpan(), nil)
    }

    /// Goes on with the conversation.
    /// - Parameters:
    ///   - bytes: what the reply's ranges refer to.
    ///   - error: the reply, where it is one.
    private func take(
        _ reply: StoreReply,
        _ bytes: RawSpan,
        _ index: Int,
        _ sent: RawSpan,
        _ error: ServerError?
    ) {
        switch conversation {
        case .readiness(var readiness):
            if case .done(let result) = readiness.take(reply) { settle(result, error) }
        case .read(var read):
            let step = read.take(reply, &store.derivedTag, deriveTag: store.sha1)
            if case .done(let result) = step { settle(result, bytes, sent, error) }
        case .save(var save, let version, let tag):
            let step = save.take(reply, at: index)
            conversation = .save(save, version: version, tag: tag)
            guard case .done(let result) = step else { return goOn(step, index, sent, error) }
            settle(result, version, tag, bytes, error)
        case .delete(var delete):
            let step = delete.take(reply, at: index)
            conversation = .delete(delete)
            guard case .done(let result) = step else { return goOn(step, index, sent, error) }
            settle(result, bytes, error)
        }
    }

    /// Does what a conversation wants that is not over.
    private func goOn<Result>(_ step: Step<Result>, _ index: Int, _ sent: RawSpan, _ error: ServerError?) {
        switch step {
        case .done, .wait(.nothing): break
        case .wait(.refusal):
            if let error { store.troubles.refused(error, index < ahead.commandCount ? "script" : "set") }
        case .wait(.foreign): store.redis.remedy(.givenUp)
        case .load(let name):
            ahead.commandCount = 1
            let sentCount = conversation.commandCount
            ask(length: sent.byteCount) {
                ahead.length = store.commands.load(name, before: sent, commandCount: sentCount, $0)
            }
        case .unstage:
            // Only what was staged asks for it, so there are parts.
            guard let stagedParts else { preconditionFailure("unstaged without having been staged") }
            let staged = sent[ahead.length..<sent.byteCount]
            ahead = (0, 0)
            ask(length: staged.byteCount) { store.commands.unstaged(staged, stagedParts, $0) }
        }
    }
}
