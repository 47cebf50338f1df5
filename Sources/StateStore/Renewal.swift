import DashboardState
import EventLoop
import RESP

/// Keeps states alive that are read: behind a read of one that was saved long ago its remaining time is asked for, and
/// renewed where much of it is gone. Nobody waits for that, and a read itself writes nothing.
final class Renewal {
    private let commands: StateCommands
    private let isWanted: Bool
    private let secondsToLive: Int
    private let redis: any Redis
    private let counts: RedisCounts
    @exclusivity(unchecked) private var youth: Youth
    /// How many are under way.
    private var open = 0
    private var onIdle: () -> Void = {}

    init(_ settings: StoreSettings, _ commands: StateCommands, _ redis: any Redis, _ counts: RedisCounts) {
        self.commands = commands
        self.redis = redis
        self.counts = counts
        isWanted = settings.renewsOnRead
        secondsToLive = settings.secondsToLive
        youth = Youth(secondsToLive: settings.secondsToLive)
    }

    /// Calls back once none is under way: at once, or later.
    func whenIdle(_ call: @escaping () -> Void) {
        if open == 0 { call() } else { onIdle = call }
    }

    /// A document with this time was read.
    /// - Parameters:
    ///   - read: the read, as it was sent.
    ///   - route: the way that it took.
    func noticeRead(of lastModified: RawSpan, by read: RawSpan, _ route: Route) {
        guard isWanted, youth.isOver(lastModified, at: redis.now, clock: Clock.unixMilliseconds) else { return }
        open += 1
        counts.sent(RedisCounts.pttl)
        let question = Question(self, RenewalConversation(secondsToLive: secondsToLive), route)
        redis.ask(route, isWrite: false, length: 0, question) { commands.remainingTime(after: read, $0) }
    }

    private func ended() {
        open -= 1
        if open == 0 { onIdle() }
    }

    /// One renewal, while it is under way.
    private final class Question: ReplyReceiver {
        private let renewal: Renewal
        private var conversation: RenewalConversation
        private let route: Route

        init(_ renewal: Renewal, _ conversation: RenewalConversation, _ route: Route) {
            self.renewal = renewal
            self.conversation = conversation
            self.route = route
        }

        func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
            // One that is sent elsewhere is not worth the way: the next read renews. But where the way was wrong, that is learnt.
            if reply.kind.isError { _ = renewal.redis.redirect(reply, route) }
            let reply = reply.kind.isError ? .refused(Refusal(ServerError(reply))) : StoreReply(reply)
            switch conversation.take(reply) {
            case .renew:
                renewal.counts.sent(RedisCounts.expire)
                let (redis, commands) = (renewal.redis, renewal.commands)
                redis.ask(route, isWrite: true, length: 0, self) { commands.renew(after: sent, $0) }
            case .done: renewal.ended()
            case .foreign:
                renewal.redis.remedy(.givenUp)
                renewal.ended()
            }
        }

        func fail(_ error: RESPError) { renewal.ended() }
    }
}
