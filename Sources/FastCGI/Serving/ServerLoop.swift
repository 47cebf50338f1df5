import EventLoop
import Glibc

/// One event loop with the connections that it accepted: everything in it happens on one thread.
final class ServerLoop {
    /// What other threads tell it.
    enum Message: Sendable {
        /// Accept nothing more; be gone by this monotonic time.
        case drain(deadline: UInt64)
        /// Serve a connection that another loop has accepted, and counted here.
        case serve(descriptor: Int32, isTCP: Bool)
        /// Say that it is alive.
        case answer(RollCall)
    }

    /// How others reach a loop, and what they know of it.
    struct Address: Sendable {
        let mailbox: Mailbox<Message>
        let load: LoopLoad
    }

    /// How much is read of a connection at a time, in bytes. What a web server's socket holds fits.
    private static let windowSize = 256 << 10

    let loop: Loop
    let limits: Limits
    let paramsReader: ParamsReader
    /// What was read of a connection, until the next one is.
    let window = UnsafeMutableRawBufferPointer.allocate(byteCount: windowSize, alignment: 16)
    /// Where short answers are put together.
    let frame = AnswerRecords.makeFrame()
    let memory: MemoryReturn
    private(set) var handler: RequestHandler?
    /// Whether it accepts nothing more.
    private var isDraining = false
    private let stopSign: StopSign
    /// How many connections there can be at a time, as far as the process's limits go.
    var capacity: Int { Int(descriptors.mostForConnections) }
    private let descriptors: DescriptorLimit
    /// Whether connections could not be accepted lately.
    private var isFull = false

    /// This loop's own count of connections.
    private let load: LoopLoad
    private let otherLoops: [Address]
    private let events: ServerEvents
    private let counts: ConnectionCounts
    private let listeners: [Listener]
    private var connections: [ObjectIdentifier: Connection] = [:]
    /// How many of them linger.
    var lingering = 0
    /// Those that have a deadline, or had one.
    private var awaited: [ObjectIdentifier: Connection] = [:]
    private var resumeAccepting: LoopTimer?
    private var endAccepting: LoopTimer?
    private var dropStalled: LoopTimer?
    private var lastCall: LoopTimer?
    private var leaveForgotten: LoopTimer?
    private var giveUp: LoopTimer?

    init(
        listeners: [Listener],
        limits: Limits,
        loops: [Address],
        index: Int,
        stopSign: StopSign,
        descriptors: DescriptorLimit,
        events: ServerEvents,
        counts: ConnectionCounts,
        makeHandler: (Loop) throws -> RequestHandler
    ) throws {
        loop = try Loop()
        memory = MemoryReturn(loop)
        let handler = try makeHandler(loop)
        paramsReader = try ParamsReader(handler.params)
        self.handler = handler
        self.listeners = listeners
        self.limits = limits
        load = loops[index].load
        otherLoops = loops.indices.filter { $0 != index }.map { loops[$0] }
        self.stopSign = stopSign
        self.descriptors = descriptors
        self.events = events
        self.counts = counts
        try loops[index].mailbox.attach(to: loop) { [unowned self] in deliver($0) }
        resumeAccepting = loop.makeTimer { [unowned self] in resumeListening() }
        endAccepting = loop.makeTimer { [unowned self] in stopAccepting() }
        dropStalled = loop.makeTimer { [unowned self] in closeStalled() }
        lastCall = loop.makeTimer { [unowned self] in leaveIdle() }
        leaveForgotten = loop.makeTimer { [unowned self] in leaveForgottenOnes() }
        giveUp = loop.makeTimer { [unowned self] in closeAll() }
        try listen()
    }

    deinit {
        window.deallocate()
        frame.deallocate()
    }

    func run() {
        loop.run()
        // What is not answered refers to its connection, and that to this.
        handler = nil
        connections = [:]
        awaited = [:]
    }

    /// Whether each connection ends with its next answer.
    var isStopping: Bool { stopSign.isUp }

    // MARK: Connections

    /// Connections that are accepted in a row, before those that are there get their turn.
    private static let mostInARow = 64

    /// - Parameter most: how many at most.
    fileprivate func accept(from listener: Listener, most: Int = mostInARow) {
        var left = most
        while left > 0 {
            left -= 1
            let descriptor = listener.accept()
            if descriptor >= 0 {
                counts.accept()
                if load.add() {
                    serve(descriptor, isTCP: listener.isTCP, isSettled: otherLoops.isEmpty)
                } else {
                    close(descriptor)
                }
                guard descriptor < descriptors.mostForConnections else { return pauseListening(because: EMFILE) }
                isFull = false
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return
            case EINVAL where listener.isWithdrawn: return
            // For want of descriptors or memory: those that are there may free some.
            default: return pauseListening(because: errno)
            }
        }
    }

    /// Serves a connection that is counted.
    private func serve(_ descriptor: Int32, isTCP: Bool, isSettled: Bool) {
        let connection = Connection(descriptor: descriptor, isTCP: isTCP, isSettled: isSettled, serverLoop: self)
        connections[ObjectIdentifier(connection)] = connection
        counts.begin()
        guard watch(connection, descriptor) else { return connection.close() }
        connection.receive()
    }

    /// Leaves a connection that is kept, and has nothing to do, to the loop that has the fewest, unless this one has
    /// hardly more.
    /// - Returns: whether it is another loop's from now on.
    func handOver(_ connection: Connection) -> Bool {
        guard let other = otherLoops.min(by: { $0.load.count < $1.load.count }) else { return false }
        guard other.load.count <= load.count - 2, other.load.add() else { return false }
        loop.unwatch(connection.descriptor)
        forget(connection)
        other.mailbox.post(.serve(descriptor: connection.descriptor, isTCP: connection.isTCP))
        return true
    }

    func watch(_ connection: Connection, _ descriptor: Int32, for interest: Loop.Readiness = .readable) -> Bool {
        (try? loop.watch(descriptor, for: interest, source: connection)) != nil
    }

    func awaits(_ connection: Connection, until deadline: UInt64) {
        awaited[ObjectIdentifier(connection)] = connection
        dropStalled?.deadline = min(deadline, dropStalled?.deadline ?? deadline)
    }

    // MARK: Connections that linger

    /// Linger at a time, at most. Those beyond it are closed as they are.
    private static let mostLingering = 256

    /// Whether another connection may linger, which is counted then.
    func takeOneThatLingers() -> Bool {
        guard lingering < Self.mostLingering else { return false }
        lingering += 1
        return true
    }

    /// When one that begins to linger has to end, monotonic.
    var endOfLingering: UInt64 { loop.now + (isStopping ? Farewell.longestLinger : limits.answer) }

    private func closeLingering() {
        guard lingering > 0 else { return }
        for connection in connections.values where connection.phase == .lingering { connection.close() }
    }

    // MARK: Ending

    func refused(_ reason: RecordReader.Reason) {
        counts.refuse()
        events.onRefusedConnection?("\(reason)")
    }

    func closed(_ connection: Connection) {
        forget(connection)
        stopIfDone()
    }

    private func forget(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        awaited[ObjectIdentifier(connection)] = nil
        load.remove()
        counts.end()
    }

    private func closeStalled() {
        let now = Clock.monotonic()
        for connection in awaited.values {
            guard let deadline = connection.deadline else {
                awaited[ObjectIdentifier(connection)] = nil
                continue
            }
            guard deadline <= now else { continue }
            if connection.phase == .arriving { connection.tellBrokenOff() }
            connection.close()
        }
        dropStalled?.deadline = awaited.values.lazy.compactMap(\.deadline).min()
    }

    // MARK: Starting and stopping

    private func listen() throws(EventLoopError) {
        for listener in listeners {
            let source = ListenSource(listener, serverLoop: self)
            try loop.watch(listener.descriptor, for: .readable, exclusive: true, source: source)
        }
    }

    private func resumeListening() {
        guard !isDraining else { return }
        guard descriptors.areThereMore else { return pauseListening(because: EMFILE) }
        do throws(EventLoopError) { try listen() } catch { pauseListening(because: ENOMEM) }
    }

    /// Lets those who want to connect wait, and tells the owner the first time.
    private func pauseListening(because code: Int32) {
        closeLingering()
        counts.fail()
        if !isFull { events.onAcceptFailure?(code) }
        isFull = true
        for listener in listeners { loop.unwatch(listener.descriptor) }
        resumeAccepting?.deadline = Clock.monotonic() + 100_000_000
    }

    private func deliver(_ message: Message) {
        switch message {
        case .drain(let deadline): drain(until: deadline)
        case .serve(let descriptor, let isTCP): serve(descriptor, isTCP: isTCP, isSettled: true)
        case .answer(let roll): roll.answer()
        }
    }

    /// Idle connections stay open: a web server may have just sent a request on one of them, and does not repeat a
    /// POST when it is closed. Each ends with its next answer, when it has been idle for longer than the web server keeps it
    /// (``Limits/kept``), or shortly before time is up.
    private func drain(until deadline: UInt64) {
        let now = Clock.monotonic()
        giveUp?.deadline = deadline
        for connection in connections.values { connection.hurry(until: now + Farewell.longestLinger) }
        lastCall?.deadline = deadline - min(Farewell.longestLastCall, (max(deadline, now) - now) / 4)
        leaveForgottenOnes()
        guard listeners.contains(where: \.hasHandshakes) else { return stopAccepting() }
        endAccepting?.deadline = min(deadline, now + Farewell.longestHandshake)
    }

    private func stopAccepting() {
        for listener in listeners {
            accept(from: listener, most: .max)
            listener.refuse()
            loop.unwatch(listener.descriptor)
        }
        stopSign.raise()
        isDraining = true
        resumeAccepting?.deadline = nil
        stopIfDone()
    }

    /// Ends connections that have been idle for so long that their web server takes another one for its next request, and
    /// looks again when the next one will have been.
    private func leaveForgottenOnes() {
        let now = Clock.monotonic()
        var next: UInt64?
        for connection in connections.values where connection.isIdle {
            let end = connection.idleSince + limits.kept
            if end <= now { connection.leave() } else { next = min(end, next ?? end) }
        }
        leaveForgotten?.deadline = next
    }

    private func leaveIdle() {
        for connection in connections.values where connection.isIdle { connection.leave() }
    }

    /// Not while another loop has a connection on its way here.
    private func stopIfDone() {
        if isDraining, connections.isEmpty, load.retireIfIdle() { loop.stop() }
    }

    private func closeAll() {
        closeLingering()
        if !connections.isEmpty { events.onAbandonedRequests?(connections.count) }
        load.retire()
        loop.stop()
    }
}

/// Accepts for a loop.
private final class ListenSource: EventSource {
    private let listener: Listener
    private unowned let serverLoop: ServerLoop

    init(_ listener: Listener, serverLoop: ServerLoop) {
        self.listener = listener
        self.serverLoop = serverLoop
    }

    func ready(_ readiness: Loop.Readiness) { serverLoop.accept(from: listener) }
}
