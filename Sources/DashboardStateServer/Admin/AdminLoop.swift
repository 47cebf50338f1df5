import EventLoop
import FastCGI
import Glibc
import StateStore

/// The admin address on one loop: it answers beside the loop's requests. All loops accept there, and whichever is free first
/// answers for all of them.
final class AdminLoop: EventSource {
    /// Connections at a time. Beyond that the oldest has to go, so that those who only hold theirs keep nobody out.
    private static let mostConnections = 32
    private static let pause: UInt64 = 100_000_000

    let loop: Loop
    private let listener: Listener
    private let pages: AdminPages
    private let probe: ReadinessProbe
    private let warmUp: WarmUp
    /// The oldest first.
    private var connections: [AdminConnection] = []
    private var timer: LoopTimer?
    /// When to accept again, where the system had no descriptor left.
    private var resumeAt: UInt64?

    init(
        _ listener: Listener,
        _ loop: Loop,
        _ store: StateStore,
        _ counts: LoopCounts,
        _ observation: WorkerObservation
    ) throws {
        self.loop = loop
        self.listener = listener
        pages = AdminPages(observation)
        probe = ReadinessProbe(store, observation)
        warmUp = WarmUp(store, counts)
        // The loop's source keeps this; a timer must not.
        timer = loop.makeTimer { [weak self] in self?.tick() }
        warmUp.onFailure = { [weak self] in self?.arrange() }
        try listen()
        warmUp.begin(at: loop.now)
        arrange()
    }

    private func listen() throws(EventLoopError) {
        try loop.watch(listener.descriptor, for: .readable, exclusive: true, source: self)
    }

    func ready(_ readiness: Loop.Readiness) {
        for _ in 0..<Self.mostConnections {
            let descriptor = listener.accept()
            guard descriptor >= 0 else {
                guard errno != EAGAIN, errno != EINTR, errno != ECONNABORTED, errno != EINVAL else { break }
                // Others may have been given descriptors in the meantime.
                loop.unwatch(listener.descriptor)
                resumeAt = loop.now + Self.pause
                break
            }
            if connections.count >= Self.mostConnections { connections[0].close() }
            let connection = AdminConnection(descriptor, self, now: loop.now)
            connections.append(connection)
            if connection.watch() { connection.read() } else { connection.close() }
        }
        arrange()
    }

    func closed(_ connection: AdminConnection) { connections.removeAll { $0 === connection } }

    /// Answers a request, at once or later.
    func answer(_ request: AdminRequest, _ answer: @escaping (AdminAnswer) -> Void) {
        guard request.path.elementsEqual("/readyz".utf8) else { return answer(pages.answer(request)) }
        probe.ask(at: loop.now) { answer(AdminPages.answer($0)) }
        arrange()
    }

    /// Sets the timer for whatever is due first.
    func arrange() {
        let deadlines = connections.map(\.deadline) + [resumeAt, probe.deadline, warmUp.retryAt].compactMap { $0 }
        timer?.deadline = deadlines.min()
    }

    private func tick() {
        let now = Clock.monotonic()
        for connection in connections where connection.deadline <= now { connection.close() }
        probe.tick(now)
        warmUp.tick(now)
        if let due = resumeAt, due <= now {
            resumeAt = nil
            do throws(EventLoopError) { try listen() } catch { resumeAt = now + Self.pause }
        }
        arrange()
    }
}
