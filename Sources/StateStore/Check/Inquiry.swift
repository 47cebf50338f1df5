import CLinux
import EventLoop
import Glibc
import RESP

/// Asks one server a few things, and waits for the answers. Ends in time whatever the server does.
final class Inquiry {
    private let link: Link
    private let end: UInt64
    /// Why there was no connection the last time.
    private var reason: RESPError?

    init(_ endpoint: Endpoint, _ server: RedisServer, readPassword: @escaping () -> [UInt8]?, takesReplicas: Bool) {
        let timeout = server.timeout
        // An answer has longer than a connection, so that what comes of that is told.
        link = Link(endpoint: endpoint, connectTimeout: timeout, responseTimeout: 2 * timeout, tls: server.tls)
        link.readPassword = readPassword
        link.takesReplicas = takesReplicas
        end = Clock.monotonic() + 3 * timeout
        link.onEvent = { [unowned self] in if case .refused(let reason) = $0 { self.reason = reason } }
    }

    /// Gets one answer.
    private final class Waiter: ReplyReceiver {
        var reply: CheckReply?
        func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) { self.reply = CheckReply(reply) }
        func fail(_ error: RESPError) { reply = .failed(error) }
    }

    /// The replies to commands, in their order.
    func ask(_ commands: [[String]]) -> [CheckReply] {
        let waiters = commands.map { command in
            let waiter = Waiter()
            link.send(isWrite: false, to: waiter, now: Clock.monotonic()) { encoder in
                encoder.begin(argumentCount: command.count)
                for word in command { encoder.argument(Array(word.utf8)) }
            }
            return waiter
        }
        while waiters.contains(where: { $0.reply == nil }), Clock.monotonic() < end { turn() }
        return waiters.map { waiter in
            switch waiter.reply {
            case nil, .failed(.timedOut), .failed(.away): .failed(reason ?? .timedOut)
            case let reply?: reply
            }
        }
    }

    private func turn() {
        link.flush(now: Clock.monotonic())
        let now = Clock.monotonic()
        let due = min(link.deadline ?? .max, end)
        let milliseconds = due > now ? Int32(clamping: (due - now) / 1_000_000 + 1) : 0
        let wanted = Int16(POLLIN) | (link.wantsWrite ? Int16(POLLOUT) : 0)
        var watched = pollfd(fd: link.descriptor, events: wanted, revents: 0)
        // A descriptor of -1 is passed over: only time is waited for.
        let count = poll(&watched, 1, milliseconds)
        if count > 0 {
            let isOver = Int32(watched.revents) & (POLLERR | POLLHUP) != 0
            link.ready(
                readable: isOver || Int32(watched.revents) & POLLIN != 0,
                writable: isOver || Int32(watched.revents) & POLLOUT != 0,
                now: Clock.monotonic()
            )
        }
        if let deadline = link.deadline, deadline <= Clock.monotonic() { link.tick(now: Clock.monotonic()) }
    }
}
