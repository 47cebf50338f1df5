import EventLoop
import RESP

/// A loop's connections to Redis: what the requests of one batch ask for leaves in one write.
///
/// Nearly all goes over one connection. A second one, made when it is first needed, takes large documents, behind which
/// others would wait on a slow line; and it takes what is asked while nothing moves on the first.
final class Store {
    private let main: Lane
    private var second: Lane?
    private let configuration: Configuration
    private let loop: EventLoop
    private let linkLog: LinkLog
    private var probe: Probe?

    /// Commands of more bytes than this go over the second connection.
    static let longestOnMain = 64 << 10

    init(_ configuration: Configuration, loop: EventLoop, log: LinkLog) {
        self.configuration = configuration
        self.loop = loop
        linkLog = log
        main = Lane(Self.makeLink(configuration, log), loop)
        main.onTick = { [unowned self] in lookAfterMain() }
    }

    private static func makeLink(_ configuration: Configuration, _ log: LinkLog) -> Link {
        let link = Link(
            endpoint: configuration.redis,
            connectTimeout: configuration.redisTimeout,
            responseTimeout: configuration.redisTimeout
        )
        link.onStateChange = { log.write($0) }
        link.readPassword = configuration.readRedisPassword
        return link
    }

    /// Asks Redis something; the answer comes to `receiver` later, on this thread, or a failure at once.
    /// - Parameters:
    ///   - commandCount: how many commands it takes.
    ///   - isWrite: whether it changes anything.
    ///   - length: about how many bytes it takes.
    func ask(
        commandCount: Int = 1,
        isWrite: Bool,
        length: Int = 0,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        var link = main.link
        if length > Self.longestOnMain || link.isSilent {
            let other = secondLane().link
            if other.acceptsCommands { link = other }
        }
        link.send(commandCount: commandCount, isWrite: isWrite, to: receiver, now: loop.now, encode)
    }

    private func secondLane() -> Lane {
        if let second { return second }
        let lane = Lane(Self.makeLink(configuration, linkLog), loop)
        lane.link.handOver(to: main.link)
        second = lane
        return lane
    }

    /// Monotonic time of the batch in hand, in nanoseconds.
    var now: UInt64 { loop.now }

    /// The command whose answer is being delivered, as it was sent.
    var answeredCommand: UnsafeRawBufferPointer {
        let command = main.link.answeredCommand
        return command.isEmpty ? second?.link.answeredCommand ?? command : command
    }

    /// Gives the connection up on which an answer is being delivered, and makes a new one.
    func reconnect(because reason: RESPError) {
        let link = second.map(\.link).flatMap { $0.isDelivering ? $0 : nil } ?? main.link
        link.drop(reason, now: Clock.monotonic())
    }

    /// Sends what was asked since the last time. To be called before the loop waits.
    func flush() {
        main.flush()
        second?.flush()
    }

    /// Where nothing comes on the first connection, looks whether the server answers on the second: if so, the first is
    /// dead, cut by a firewall or a NAT that forgot it, and no use in waiting for.
    private func lookAfterMain() {
        guard main.link.isSilent, probe == nil else { return }
        let lane = secondLane()
        let probe = Probe { [unowned self] isAnswered in
            self.probe = nil
            // A write is waited for in any case: its outcome is worth the time.
            if isAnswered, main.link.isSilent, !main.link.isWriteInFront {
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

    func receive(_ reply: Reply, _ index: Int) { onEnd(true) }

    func fail(_ error: RESPError) { onEnd(false) }
}
