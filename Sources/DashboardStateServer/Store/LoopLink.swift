import EventLoop
import RESP

/// A loop's connections to Redis: what the requests of one batch ask for leaves in one write.
///
/// Nearly all goes over one connection. Others are made when they are first needed. They take large documents, behind which
/// others would wait on a slow line; and what is asked while a large reply comes on the first, or nothing at all.
final class LoopLink {
    private let main: Lane
    private var others: [Lane] = []
    private let configuration: Configuration
    private let loop: Loop
    private let log: LinkLog
    private var probe: Probe?

    /// Commands of more bytes than this do not go over the first connection.
    static let longestOnMain = 64 << 10
    /// Most connections beside the first.
    static let mostOthers = 3

    init(_ configuration: Configuration, loop: Loop, log: LinkLog) {
        self.configuration = configuration
        self.loop = loop
        self.log = log
        let link = Self.makeLink(configuration)
        link.onEvent = { log.write($0) }
        main = Lane(link, loop)
        main.onTick = { [unowned self] in lookAfterMain() }
    }

    private static func makeLink(_ configuration: Configuration) -> Link {
        let link = Link(
            endpoint: configuration.redis,
            connectTimeout: configuration.redisTimeout,
            responseTimeout: configuration.redisTimeout
        )
        link.readPassword = configuration.readRedisPassword
        return link
    }

    /// Asks Redis something; the answer comes to `receiver` later, on this thread, or a failure at once.
    /// - Parameters:
    ///   - isWrite: whether it changes anything.
    ///   - length: about how many bytes it takes.
    func ask(
        isWrite: Bool,
        length: Int = 0,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        var link = main.link
        if length > Self.longestOnMain || link.isSilent || link.isReceivingLarge {
            let other = otherLane().link
            if other.acceptsCommands { link = other }
        }
        link.send(isWrite: isWrite, to: receiver, now: loop.now, encode)
    }

    /// A connection beside the first, on which others wait as little as can be.
    private func otherLane() -> Lane {
        if let free = others.first(where: { !$0.link.isSilent && !$0.link.isReceivingLarge }) { return free }
        guard others.count < Self.mostOthers else { return others[0] }
        let link = Self.makeLink(configuration)
        link.onEvent = { [log] in log.writeOfAnother($0) }
        link.handOver(to: main.link)
        let lane = Lane(link, loop)
        others.append(lane)
        return lane
    }

    /// Monotonic time of the batch in hand, in nanoseconds.
    var now: UInt64 { loop.now }

    /// Gives the connection up on which an answer is being delivered, and makes a new one.
    func reconnect(because reason: RESPError) {
        let link = others.lazy.map(\.link).first(where: \.isDelivering) ?? main.link
        link.drop(reason, now: Clock.monotonic())
    }

    /// Sends what was asked since the last time. To be called before the loop waits.
    func flush() {
        main.flush()
        for lane in others { lane.flush() }
    }

    /// Where nothing comes on the first connection, looks whether the server answers on another: if so, the first is
    /// dead, cut by a firewall or a NAT that forgot it, and no use in waiting for.
    private func lookAfterMain() {
        guard main.link.mayBeDead, probe == nil else { return }
        let lane = otherLane()
        let probe = Probe { [unowned self] isAnswered in
            self.probe = nil
            // Where a write was sent, it is waited for: its outcome is worth the time.
            if isAnswered, main.link.mayBeDead {
                main.link.drop(.silent, now: Clock.monotonic())
            }
        }
        self.probe = probe
        lane.link.send(isWrite: false, to: probe, now: loop.now) { StateCommands.ping($0) }
        lane.flush()
    }
}

/// Gets the answer to a question that only asks whether anybody answers.
private final class Probe: ReplyReceiver {
    private let onEnd: (_ isAnswered: Bool) -> Void

    init(onEnd: @escaping (Bool) -> Void) { self.onEnd = onEnd }

    func receive(_ reply: Reply, _ index: Int, to sent: UnsafeRawBufferPointer) { onEnd(true) }

    func fail(_ error: RESPError) { onEnd(false) }
}
