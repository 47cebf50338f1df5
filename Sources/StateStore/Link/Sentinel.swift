import EventLoop
import RESP

/// A loop's connection to a sentinel.
final class Sentinel {
    /// Told what it says when it was asked.
    var onStatement: (SentinelStatement) -> Void = { _ in }
    /// Told what becomes of the connection.
    var onEvent: (Link.Event) -> Void = { _ in }
    /// Told of another master, of whatever name.
    var onSwitch: (SwitchMaster) -> Void = { _ in }

    private let lane: Lane
    private lazy var question = Question(self)
    private let subscription = Subscription()
    /// It was asked and has not answered.
    private var isAsked = false

    init(_ address: Endpoint.Address, _ server: RedisServer, _ loop: Loop) {
        let account = server.sentinelAccount
        var access = Access(usesTLS: server.usesTLS)
        access.username = account.username
        access.password = account.password
        let timeout = min(server.timeout, MasterFinder.longestTimeout)
        let link = Link(
            endpoint: Endpoint(address, access),
            connectTimeout: timeout,
            responseTimeout: timeout,
            tls: server.tls
        )
        link.readPassword = account.readPassword
        lane = Lane(link, loop)
        link.onEvent = { [unowned self, unowned link] event in
            if case .connected = event {
                link.send(isWrite: false, to: subscription, now: Clock.monotonic()) { SentinelCommands.subscribe($0) }
            }
            onEvent(event)
        }
        link.onPush = { [unowned self] push in if let change = SwitchMaster(push) { onSwitch(change) } }
    }

    /// Asks who the master is, unless an answer is still awaited.
    func ask(_ masterName: String, _ now: UInt64) {
        guard !isAsked else { return }
        isAsked = true
        lane.link.send(isWrite: false, to: question, now: now) { SentinelCommands.askForMaster(masterName, $0) }
    }

    func flush() { lane.flush() }

    fileprivate func answered(_ statement: SentinelStatement) {
        isAsked = false
        onStatement(statement)
    }
}

/// Gets the answers to the question for the master.
private final class Question: ReplyReceiver {
    private unowned let sentinel: Sentinel
    private var reading = SentinelReading()

    init(_ sentinel: Sentinel) { self.sentinel = sentinel }

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        if let statement = reading.take(reply, index) { sentinel.answered(statement) }
    }

    func fail(_ error: RESPError) { sentinel.answered(.isAway) }
}

/// Gets the answer to a subscription, without which all works, only later.
private final class Subscription: ReplyReceiver {
    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {}

    func fail(_ error: RESPError) {}
}
