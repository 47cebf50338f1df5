import EventLoop
import Glibc
import Synchronization

/// What a server tells its owner, from any of its threads.
public struct ServerEvents: Sendable {
    /// A connection could not be accepted, with the `errno`; accepting goes on after a pause.
    public var onAcceptFailure: (@Sendable (Int32) -> Void)?
    /// A connection was closed because of what it sent, with the reason.
    public var onRefusedConnection: (@Sendable (String) -> Void)?
    /// Time was up with this many requests unanswered.
    public var onAbandonedRequests: (@Sendable (Int) -> Void)?

    /// Makes a set of callbacks that do nothing.
    public init() {}
}

/// A FastCGI responder.
///
/// Event loops, each with a thread of its own, accept connections, keep the idle ones parked, and hand requests to
/// their handler. Loops share the listening sockets, and leave new connections that are kept to those that have fewer.
public final class Server: Sendable {
    private let listeners: [Listener]
    private let mailboxes: [Mailbox<ServerLoop.Message>]
    private let threads: [LoopThread]
    private let isStopping = Mutex(false)
    private let stopSign: StopSign

    /// Starts to serve; where one of the loops cannot start, none is left.
    /// - Parameters:
    ///   - listeners: where connections come from.
    ///   - threads: how many loops there are, at least 1.
    ///   - limits: what peers are allowed.
    ///   - events: what the owner is told.
    ///   - counts: where connections are counted.
    ///   - makeHandler: makes the handler of a loop, on that loop's thread before it serves.
    /// - Throws: ``FastCGIError`` or ``EventLoop/EventLoopError`` where the system gives no descriptor or thread, and
    ///   whatever `makeHandler` throws.
    public init(
        listeners: [Listener],
        threads threadCount: Int,
        limits: Limits = Limits(),
        events: ServerEvents = ServerEvents(),
        counts: ConnectionCounts = ConnectionCounts(),
        makeHandler: @escaping @Sendable (Loop) throws -> any RequestHandler
    ) throws {
        MemoryReturn.keepForReuse()
        try LibFCGI.initialise()
        self.listeners = listeners
        let stopSign = StopSign()
        self.stopSign = stopSign
        let loops = try (0..<threadCount).map { _ in
            ServerLoop.Address(mailbox: try Mailbox<ServerLoop.Message>(), load: LoopLoad())
        }
        let descriptors = DescriptorLimit(loops: threadCount)
        var threads: [LoopThread] = []
        for index in 0..<threadCount {
            let starting = Starting()
            do {
                let thread = try LoopThread.start(name: "loop-\(index)") {
                    do {
                        let serverLoop = try ServerLoop(
                            listeners: listeners,
                            limits: limits,
                            loops: loops,
                            index: index,
                            stopSign: stopSign,
                            descriptors: descriptors,
                            events: events,
                            counts: counts,
                            makeHandler: makeHandler
                        )
                        starting.report(nil)
                        LoopThread.useBatchScheduling()
                        serverLoop.run()
                    } catch { starting.report(error) }
                }
                threads.append(thread)
                try starting.wait()
            } catch {
                for loop in loops { loop.mailbox.post(.drain(deadline: Clock.monotonic())) }
                for thread in threads { thread.join() }
                throw error
            }
        }
        mailboxes = loops.map(\.mailbox)
        self.threads = threads
    }

    /// How many loops suit a machine: each can keep one processor busy, and the web server and Redis keep others. Two at
    /// least, so that one that is busy with a large state does not hold up all other requests.
    public static var usualThreadCount: Int { max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2) }

    /// Whether libfcgi reads requests from where they lie. Otherwise it was linked so that it cannot, and each takes a way
    /// through a pipe.
    public static var readsInPlace: Bool { LibFCGIInput.isInPlace }

    /// Stops accepting and lets what is there finish; returns at once. Calling it again changes nothing.
    ///
    /// Connections are served until the web server closes them, every answer that is given from now on (over TCP: in a
    /// moment) ends its connection, and those that are idle are ended a little before the end of `timeout` (nanoseconds), the others then.
    public func stop(timeout: UInt64) {
        let isFirst = isStopping.withLock { stopping in
            defer { stopping = true }
            return !stopping
        }
        guard isFirst else { return }
        for listener in listeners { listener.withdraw() }
        // Else as soon as no handshake is under way, so that web servers do not begin many meanwhile.
        if !listeners.contains(where: \.hasHandshakes) { stopSign.raise() }
        let deadline = Clock.monotonic() + timeout
        for mailbox in mailboxes { mailbox.post(.drain(deadline: deadline)) }
    }

    /// Asks every loop whether it is alive. Those that have ended do not answer.
    public func callRoll() -> RollCall {
        let roll = RollCall(loops: mailboxes.count)
        for mailbox in mailboxes { mailbox.post(.answer(roll)) }
        return roll
    }

    /// Waits until every loop has ended, after ``stop(timeout:)``.
    public func wait() {
        for thread in threads { thread.join() }
        for listener in listeners { listener.close() }
    }
}

/// Brings the outcome of a thread's first steps to the thread that started it.
private final class Starting: Sendable {
    private let outcome = Mutex<(isKnown: Bool, error: (any Error)?)>((false, nil))

    func report(_ error: (any Error)?) { outcome.withLock { $0 = (true, error) } }

    func wait() throws {
        while true {
            let (isKnown, error) = outcome.withLock { $0 }
            if let error { throw error }
            if isKnown { return }
            usleep(200)
        }
    }
}
