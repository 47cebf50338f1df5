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

    /// Has Redis load the scripts, and the links come up, before anybody needs them.
    ///
    /// Of a cluster one master has to answer. Then all are known, and the others are asked, too; those that are away need
    /// not be waited for, as they come up with what is asked of them later.
    /// - Parameter onEnd: called once, at once or later on the same thread.
    public func loadScripts(_ onEnd: @escaping (Loading) -> Void) {
        var random = SystemRandomNumberGenerator()
        let key = commands.keyForTrying(EntityTag(using: &random))
        load(into: [HashSlot(of: key.span.bytes)]) { [self] loading in
            let shares = redis.shares.filter(\.isServed)
            guard loading == .done, shares.count > 1 else { return onEnd(loading) }
            load(into: shares.compactMap { HashSlot($0.slots[0].lowerBound) }) { _ in onEnd(.done) }
        }
    }

    /// Has the masters of these slots load them.
    /// - Parameter onEnd: called once all have answered, or failed.
    private func load(into slots: [HashSlot], _ onEnd: @escaping (Loading) -> Void) {
        // Where replicas are waited for, writes have a link of their own.
        let ways = waitsForReplicas ? [false, true] : [false]
        let receiver = ScriptReceiver(troubles, linkCount: ways.count * slots.count, onEnd)
        for slot in slots {
            for isWrite in ways {
                redis.ask(redis.route(to: slot), isWrite: isWrite, length: 0, receiver) { commands.loadAll($0) }
            }
        }
    }
}

private final class ScriptReceiver: ReplyReceiver {
    private let troubles: RedisTroubles
    /// Links on which nothing is known yet.
    private var linkCount: Int
    private var loading = StateStore.Loading.done
    private var onEnd: ((StateStore.Loading) -> Void)?

    init(_ troubles: RedisTroubles, linkCount: Int, _ onEnd: @escaping (StateStore.Loading) -> Void) {
        self.troubles = troubles
        self.linkCount = linkCount
        self.onEnd = onEnd
    }

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        if reply.kind.isError {
            troubles.refused(ServerError(reply), "script")
        } else {
            troubles.counts.sent(RedisCounts.scriptLoad)
        }
        guard index + 1 == StateCommands.scriptCount else { return }
        endOfLink()
    }

    func fail(_ error: RESPError) {
        loading = .failed
        endOfLink()
    }

    private func endOfLink() {
        linkCount -= 1
        if linkCount == 0 { onEnd.take()?(loading) }
    }
}
