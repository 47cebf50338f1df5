import CLinux
import EventLoop
import Glibc
import Synchronization

/// The threads on which libfcgi may block: they read the requests that have not arrived as a whole.
///
/// There are few of them, so peers that stall hold up others that are slow, and never a loop. A job that finds no free
/// thread waits; its connection is with nobody meanwhile.
final class SlowReaders: Sendable {
    /// A connection on its way to or from a slow reader.
    struct Job: @unchecked Sendable {
        // Safe: a connection is handed over whole. The loop that gives it away does not touch it until it comes back
        // through a mailbox, and both ways pass a lock.
        let connection: Connection
        let isComplete: Bool
        let home: Mailbox<Worker.Message>
    }

    private let jobs = Mutex<[Job?]>([])
    private let available: Int32

    /// Starts `count` threads.
    init(count: Int) throws {
        available = eventfd(0, Int32(EFD_CLOEXEC | EFD_SEMAPHORE))
        guard available >= 0 else { throw FastCGIError.last("eventfd", "slow readers") }
        for _ in 0..<count { _ = try Thread.start(name: "slow-reader") { [self] in run() } }
    }

    /// Queues a connection; it comes back to `home` as ``Worker/Message/arrived(_:)``.
    func read(_ connection: Connection, for home: Mailbox<Worker.Message>) {
        put(Job(connection: connection, isComplete: false, home: home))
    }

    /// Ends one thread, after the jobs that are queued.
    func endOne() { put(nil) }

    private func put(_ job: Job?) {
        jobs.withLock { $0.append(job) }
        eventfd_write(available, 1)
    }

    private func take() -> Job? {
        var count: eventfd_t = 0
        while eventfd_read(available, &count) != 0 {}
        return jobs.withLock { $0.removeFirst() }
    }

    private func run() {
        let window = UnsafeMutableRawBufferPointer.allocate(byteCount: Worker.windowSize, alignment: 16)
        defer { window.deallocate() }
        while let job = take() {
            let isComplete = job.connection.readSlowly(window: window)
            job.home.post(.arrived(Job(connection: job.connection, isComplete: isComplete, home: job.home)))
        }
    }
}
