import DashboardState
import RESP

extension StateStore {
    /// What came of ``loadScripts(_:)``.
    public enum Loading {
        /// Redis answers and has the scripts, or says that it takes none.
        case done
        /// Nobody has answered.
        case failed
    }

    /// Has Redis load the scripts before anybody needs them.
    /// - Parameter onEnd: called once, at once or later on the same thread.
    public func loadScripts(_ onEnd: @escaping (Loading) -> Void) {
        let receiver = ScriptReceiver(troubles, onEnd)
        // Of a cluster's nodes one gets them; the others as they need them.
        var random = SystemRandomNumberGenerator()
        let route = redis.route(to: commands.keyForTrying(EntityTag(using: &random)))
        redis.ask(route, isWrite: false, length: 0, receiver) { commands.loadAll($0) }
    }
}

private final class ScriptReceiver: ReplyReceiver {
    private let troubles: RedisTroubles
    private var onEnd: ((StateStore.Loading) -> Void)?

    init(_ troubles: RedisTroubles, _ onEnd: @escaping (StateStore.Loading) -> Void) {
        self.troubles = troubles
        self.onEnd = onEnd
    }

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        if reply.kind.isError {
            troubles.refused(ServerError(reply), "script")
        } else {
            troubles.counts.sent(RedisCounts.scriptLoad)
        }
        if index + 1 == StateCommands.scriptCount { end(.done) }
    }

    func fail(_ error: RESPError) { end(.failed) }

    private func end(_ loading: StateStore.Loading) { onEnd.take()?(loading) }
}
