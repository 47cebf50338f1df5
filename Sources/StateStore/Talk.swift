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
    /// The way that was taken last.
    @exclusivity(unchecked) private(set) var route: Route
    /// What a script's call is made of, until it is made with one key.
    @exclusivity(unchecked) private var parts: StateCommands.CallParts?

    init(_ conversation: Conversation, _ store: StateStore, _ asker: any StateAsker, _ route: Route) {
        self.conversation = conversation
        self.store = store
        self.asker = asker
        self.route = route
    }

    /// Ends the conversation.
    /// - Returns: who is to be told.
    func end() -> (any StateAsker)? { asker.take() }

    /// Asks Redis; the answer comes to ``receive(_:_:to:)`` or ``fail(_:)``.
    /// - Parameter length: about how many bytes it takes.
    func ask(length: Int = 0, _ encode: (CommandEncoder) -> Void) {
        store.redis.ask(route, isWrite: conversation.isWrite, length: length, self, encode)
    }

    /// Asks Redis for what a script decides.
    func askByScript(length: Int = 0, _ encode: (CommandEncoder) -> StateCommands.CallParts) {
        ask(length: length) { parts = encode($0) }
    }

    // MARK: Replies

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        guard asker != nil else { return }
        guard !reply.kind.isError, !route.isAsking else { return receiveSpecial(reply, index, to: sent) }
        take(StoreReply(reply), reply.bytes, index, sent, nil)
    }

    /// Receives an error, or what answers commands with `ASKING` ahead of the last.
    private func receiveSpecial(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        let error = reply.kind.isError ? ServerError(reply) : nil
        let last = ahead.commandCount + conversation.commandCount - 1
        var index = index
        if route.isAsking, index >= last {
            if index == last {
                // What follows it is refused, too.
                if let error { store.troubles.refused(error, "asking") }
                return
            }
            index -= 1
        }
        guard let error else { return take(StoreReply(reply), reply.bytes, index, sent, nil) }
        if error.isRedirection, let redirection = store.redis.redirect(reply, route) {
            // Of several commands the last decides: what comes before it is sent again with it.
            return index == last ? follow(redirection, sent) : ()
        }
        take(.refused(Refusal(error)), RawSpan(), index, sent, error)
    }

    func fail(_ error: RESPError) {
        guard asker != nil else { return }
        store.troubles.counts.failed(error)
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
            store.troubles.counts.sent(RedisCounts.scriptLoad)
            let asked = sent[asked..<sent.byteCount]
            ahead.commandCount = 1
            ask(length: sent.byteCount) {
                store.commands.load(name, $0)
                ahead.length = $0.position
                askAgain(asked, $0)
            }
        case .unstage:
            // Only what was staged asks for it, so there are parts.
            guard let staged = parts else { preconditionFailure("unstaged without having been staged") }
            let asked = sent[asked..<sent.byteCount]
            ahead = (0, 0)
            parts = staged.unstaged
            ask(length: asked.byteCount) { store.commands.unstaged(asked, staged, $0) }
        }
    }

    // MARK: Clusters

    /// Where in what was sent the commands begin that were asked at first.
    private var asked: Int { ahead.length + (route.isAsking ? store.commands.askingLength : 0) }

    /// Adds the commands that were asked at first, byte by byte.
    private func askAgain(_ asked: RawSpan, _ command: CommandEncoder) {
        if route.isAsking { store.commands.ask(command) }
        command.copy(asked, commandCount: conversation.commandCount)
    }

    /// Asks another node, or in another form, for what was not carried out.
    private func follow(_ redirection: Redirection, _ sent: RawSpan) {
        let script = sent[0..<ahead.length]
        let asked = sent[asked..<sent.byteCount]
        switch redirection {
        case .asking(let next), .apart(let next):
            // Of two keys one may have been there. Which one, only commands with one key tell.
            if let name = conversation.script, let parts {
                self.parts = nil
                conversation.beginAgainInOneCommand()
                ahead = (0, 0)
                route = next
                route.isAsking = false
                return ask(length: asked.byteCount) { store.commands.withOneKey(name, asked, parts, $0) }
            }
            route = next
        case .elsewhere(let next): route = next
        }
        ask(length: sent.byteCount) {
            $0.copy(script, commandCount: ahead.commandCount)
            askAgain(asked, $0)
        }
    }
}
