import EventLoop
import Glibc

/// One event loop with the connections that it accepted: everything in it happens on one thread.
final class Worker {
    /// What other threads tell it.
    enum Message: Sendable {
        /// Accept nothing more; be gone by this monotonic time.
        case drain(deadline: UInt64)
    }

    /// How much is read of a connection at a time, in bytes. What a web server's socket holds fits.
    private static let windowSize = 256 << 10

    let loop: EventLoop
    let limits: Limits
    let paramsReader: ParamsReader
    /// What was read of a connection, until the next one is.
    let window = UnsafeMutableRawBufferPointer.allocate(byteCount: windowSize, alignment: 16)
    /// Where short answers are put together.
    let frame = AnswerRecords.makeFrame()
    private(set) var handler: RequestHandler?
    private(set) var isDraining = false

    private let mailbox: Mailbox<Message>
    private let events: ServerEvents
    private var listening: [ListenSource] = []
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// Those that have a deadline, or had one.
    private var awaited: [ObjectIdentifier: Connection] = [:]
    private var mail: EventSource?
    private var resumeAccepting: Timer?
    private var dropStalled: Timer?
    private var giveUp: Timer?

    init(
        listeners: [Listener],
        limits: Limits,
        params: ParamNames,
        mailbox: Mailbox<Message>,
        events: ServerEvents,
        makeHandler: (EventLoop) throws -> RequestHandler
    ) throws {
        loop = try EventLoop()
        paramsReader = try ParamsReader(params)
        self.limits = limits
        self.mailbox = mailbox
        self.events = events
        handler = try makeHandler(loop)
        mail = try mailbox.attach(to: loop) { [unowned self] in deliver($0) }
        resumeAccepting = loop.makeTimer { [unowned self] in resumeListening() }
        dropStalled = loop.makeTimer { [unowned self] in closeStalled() }
        giveUp = loop.makeTimer { [unowned self] in closeAll() }
        listening = listeners.map { ListenSource($0, worker: self) }
        try listen()
    }

    deinit {
        window.deallocate()
        frame.deallocate()
    }

    func run() {
        loop.run()
        handler = nil
    }

    // MARK: Connections

    fileprivate func accept(from listener: Listener) {
        while true {
            let descriptor = listener.accept()
            if descriptor >= 0 {
                let connection = Connection(descriptor: descriptor, worker: self)
                connections[ObjectIdentifier(connection)] = connection
                guard watch(connection, descriptor) else {
                    connection.close()
                    continue
                }
                connection.receive()
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return
            default:
                // For want of descriptors or memory: those that are there may free some.
                events.onAcceptFailure?(errno)
                pauseListening()
                return
            }
        }
    }

    func watch(_ connection: Connection, _ descriptor: Int32) -> Bool {
        (try? loop.watch(descriptor, for: .readable, source: connection)) != nil
    }

    func awaits(_ connection: Connection, until deadline: UInt64) {
        awaited[ObjectIdentifier(connection)] = connection
        dropStalled?.deadline = min(deadline, dropStalled?.deadline ?? deadline)
    }

    func refused(_ reason: RecordReader.Reason) { events.onRefusedConnection?("\(reason)") }

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        awaited[ObjectIdentifier(connection)] = nil
        if isDraining, connections.isEmpty { loop.stop() }
    }

    private func closeStalled() {
        let now = Clock.monotonic()
        for connection in awaited.values {
            guard let deadline = connection.deadline else {
                awaited[ObjectIdentifier(connection)] = nil
                continue
            }
            if deadline <= now { connection.close() }
        }
        dropStalled?.deadline = awaited.values.lazy.compactMap(\.deadline).min()
    }

    // MARK: Starting and stopping

    private func listen() throws(EventLoopError) {
        for source in listening {
            try loop.watch(source.listener.descriptor, for: .readable, exclusive: true, source: source)
        }
    }

    private func resumeListening() {
        guard !isDraining else { return }
        do throws(EventLoopError) { try listen() } catch { pauseListening() }
    }

    private func pauseListening() {
        for source in listening { loop.unwatch(source.listener.descriptor, source: source) }
        resumeAccepting?.deadline = Clock.monotonic() + 100_000_000
    }

    private func deliver(_ message: Message) {
        switch message {
        case .drain(let deadline): drain(until: deadline)
        }
    }

    /// Idle connections stay open: a web server may have just sent a request on one of them, and does not repeat a
    /// POST when it is closed. Each is closed after its next answer, or when time is up.
    private func drain(until deadline: UInt64) {
        guard !isDraining else { return }
        for source in listening {
            accept(from: source.listener)
            loop.unwatch(source.listener.descriptor, source: source)
        }
        isDraining = true
        resumeAccepting?.deadline = nil
        giveUp?.deadline = deadline
        if connections.isEmpty { loop.stop() }
    }

    private func closeAll() {
        for connection in connections.values where connection.isIdle { connection.close() }
        if !connections.isEmpty { events.onAbandonedRequests?(connections.count) }
        loop.stop()
    }
}

/// Accepts for a worker.
private final class ListenSource: EventSource {
    let listener: Listener
    private unowned let worker: Worker

    init(_ listener: Listener, worker: Worker) {
        self.listener = listener
        self.worker = worker
    }

    override func ready(_ readiness: EventLoop.Readiness) { worker.accept(from: listener) }
}
