import EventLoop
import Logging
import RESP

/// A loop's connection to Redis: what the requests of one batch ask for leaves in one write.
final class Store: EventSource {
    private let link: Link
    private let loop: EventLoop
    private var timer: Timer?
    private var watched: (descriptor: Int32, generation: UInt64)?
    private var watchesWriting = false

    init(_ configuration: Configuration, loop: EventLoop, logger: Logger) {
        self.loop = loop
        link = Link(
            endpoint: configuration.redis,
            connectTimeout: configuration.redisTimeout,
            responseTimeout: configuration.redisTimeout
        )
        super.init()
        link.onStateChange = { LinkLog.write($0, logger) }
        timer = loop.makeTimer { [unowned self] in
            link.tick(now: Clock.monotonic())
            settle()
        }
    }

    /// Asks Redis something; the answer comes to `receiver` later, on this thread, or a failure at once.
    /// - Parameters:
    ///   - commandCount: how many commands it takes.
    ///   - repeatable: whether it may be asked twice, should a connection be lost over it.
    func ask(
        commandCount: Int = 1,
        repeatable: Bool,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        link.send(commandCount: commandCount, isRepeatable: repeatable, to: receiver, now: loop.now, encode)
    }

    /// The command whose answer is being delivered, as it was sent.
    var answeredCommand: UnsafeRawBufferPointer { link.answeredCommand }

    /// Gives the connection up and makes a new one: the server at its end is not the right one any more.
    func reconnect(because reason: RESPError) { link.drop(reason, now: Clock.monotonic()) }

    /// Sends what was asked since the last time. To be called before the loop waits.
    func flush() {
        link.flush(now: loop.now)
        settle()
    }

    override func ready(_ readiness: EventLoop.Readiness) {
        link.ready(
            readable: readiness.contains(.readable),
            writable: readiness.contains(.writable),
            now: loop.now
        )
        settle()
    }

    /// Watches what the link now waits for.
    private func settle() {
        timer?.deadline = link.deadline
        let current = link.descriptor >= 0 ? (link.descriptor, link.generation) : nil
        if let watched, current == nil || current! != watched {
            loop.forget(self)
            self.watched = nil
        }
        guard let current else { return }
        let interest: EventLoop.Readiness = link.wantsWrite ? [.readable, .writable] : .readable
        if watched == nil {
            guard (try? loop.watch(current.0, for: interest, source: self)) != nil else { return }
            watched = current
        } else if watchesWriting != link.wantsWrite {
            loop.rewatch(current.0, for: interest, source: self)
        }
        watchesWriting = link.wantsWrite
    }
}
