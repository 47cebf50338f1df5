/// The replies to commands of which the last runs a script: what comes before it, and what to do where the store does not
/// know the script.
struct ScriptReplies: Equatable, Sendable {
    /// What a reply is.
    enum Event: ~Escapable {
        /// One to a command ahead of the script.
        case wait(Aside)
        /// The store does not know the script.
        case load(ScriptName)
        /// What the script decided.
        case decided(RawSpan)
        /// There is no decision.
        case failed(StoreFailure)
    }

    /// How many commands are sent ahead of the script, without one that loads it.
    let commandsAhead: Int
    private let script: ScriptName
    private var isLoading = false
    /// The store has refused to be taught.
    private var isLoadRefused = false

    init(_ script: ScriptName, commandsAhead: Int) {
        self.script = script
        self.commandsAhead = commandsAhead
    }

    /// - Parameter index: which of the commands the reply answers, from 0: after a loss before they were sent whole the
    ///   replies come from the first one again.
    @_lifetime(copy reply)
    mutating func take(_ reply: StoreReply, at index: Int) -> Event {
        let ahead = commandsAhead + (isLoading ? 1 : 0)
        if case .lost(let mayBeDone) = reply { return .failed(.lost(mayBeDone: mayBeDone)) }
        if index < ahead { return .wait(isLoading && index == 0 ? loaded(reply) : staged(reply)) }
        switch reply {
        case .bytes(let bytes): return .decided(bytes)
        case .refused(let refusal) where refusal.reason == .unknownScript:
            // Who does not know it when it is sent along will not learn it.
            guard !isLoading else { return .failed(.unteachable(tells: !isLoadRefused)) }
            isLoading = true
            return .load(script)
        case .refused(let refusal): return .failed(StoreFailure(refusal, isWrite: true))
        case .nothing, .done, .number, .foreign, .lost: return .failed(.foreign(isWrite: true))
        }
    }

    /// Of a script that is loaded only the failure matters: what needs it then finds it missing.
    private mutating func loaded(_ reply: StoreReply) -> Aside {
        isLoadRefused = false
        switch reply {
        case .bytes: return .nothing
        case .refused:
            isLoadRefused = true
            return .refusal
        default: return .foreign
        }
    }

    /// Of a document that is sent ahead likewise: the script then finds it missing. That it is refused for want of memory
    /// is no news where the script fares better without it.
    private func staged(_ reply: StoreReply) -> Aside {
        switch reply {
        case .done: .nothing
        case .refused(let refusal): refusal.reason == .outOfMemory ? .nothing : .refusal
        default: .foreign
        }
    }
}
