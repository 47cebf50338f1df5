import CLinux
import EventLoop
import Glibc
import Synchronization

/// Sends spans to a collector, on a thread of its own. Whatever the collector does, nobody else waits for it.
public final class SpanExporter: Sendable {
    /// A change of what becomes of spans.
    public enum Event: Sendable {
        /// They do not reach the collector any more. Why, in words.
        case failing(String)
        /// They reach it again.
        case recovered
    }

    /// Where loops leave their records.
    public let queue: SpanQueue
    private let request: CollectorRequest
    private let source: SpanSource
    private let timeout: UInt64
    private let counts: SpanCounts
    private let onEvent: @Sendable (Event) -> Void
    /// Nanoseconds for which records gather.
    private let delay: UInt64
    /// Readable from the moment on at which it is to stop.
    private let stopped: Int32
    /// Readable once it has.
    private let ended: Int32
    /// When it must have stopped: monotonic nanoseconds.
    private let end = Atomic<UInt64>(.max)

    /// Starts the thread.
    /// - Parameters:
    ///   - timeout: nanoseconds that an attempt to send a batch has.
    ///   - delay: nanoseconds for which spans gather, unless there are many.
    ///   - onEvent: called on its thread.
    public init(
        _ request: CollectorRequest,
        _ source: SpanSource,
        timeout: UInt64,
        delay: UInt64 = 1_000_000_000,
        _ counts: SpanCounts,
        onEvent: @escaping @Sendable (Event) -> Void
    ) throws(EventLoopError) {
        self.request = request
        self.source = source
        self.timeout = timeout
        self.delay = delay
        self.counts = counts
        self.onEvent = onEvent
        queue = try SpanQueue(counts)
        stopped = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        ended = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard stopped >= 0, ended >= 0 else { throw .system(call: "eventfd", errno: errno) }
        // It keeps this for as long as it runs.
        _ = try LoopThread.start(name: "traces") { [self] in run() }
    }

    deinit {
        if stopped >= 0 { close(stopped) }
        if ended >= 0 { close(ended) }
    }

    /// Sends what is queued, once, and ends the thread; waits for that, but no longer than so many nanoseconds.
    public func stop(within time: UInt64) {
        let end = Clock.monotonic() + time
        self.end.store(end, ordering: .releasing)
        eventfd_write(stopped, 1)
        // A name that is being looked up cannot be given up.
        Self.wait(for: [ended], until: end + 100_000_000)
    }

    private var isStopping: Bool { end.load(ordering: .acquiring) != .max }

    // MARK: The thread

    private func run() {
        LoopThread.useBatchScheduling()
        var records: [any SpanRecord] = []
        var sending = Sending()
        while !isStopping {
            Self.wait(for: [queue.wakeUp, stopped], until: .max)
            var count: eventfd_t = 0
            eventfd_read(queue.wakeUp, &count)
            Self.wait(for: [queue.wakeUp, stopped], until: Clock.monotonic() + delay)
            eventfd_read(queue.wakeUp, &count)
            sendAll(&records, &sending)
        }
        sendAll(&records, &sending)
        eventfd_write(ended, 1)
    }

    private func sendAll(_ records: inout [any SpanRecord], _ sending: inout Sending) {
        queue.take(&records)
        var rest = records[...]
        while !rest.isEmpty {
            let isSent = send(rest.prefix(queue.plenty), &sending)
            rest = rest.dropFirst(queue.plenty)
            // Others wait for who is to stop: one failure is enough then.
            guard isSent || !isStopping else {
                counts.fail(rest.reduce(0) { $0 + $1.spanCount })
                break
            }
        }
        records.removeAll(keepingCapacity: true)
    }

    /// What is remembered from one batch to the next.
    private struct Sending {
        var policy = ExportPolicy()
        var random = IDGenerator()
        let addresses = CollectorAddresses()
        /// Whether it was told that they do not reach the collector.
        var isTold = false
        /// Until when another failure is not told: a collector may be there and away by turns.
        var silentUntil: UInt64 = 0
        /// When the next batch may be sent.
        var notBefore: UInt64 = 0
    }

    /// - Returns: whether the collector has them.
    private func send(_ records: ArraySlice<any SpanRecord>, _ sending: inout Sending) -> Bool {
        var document = SpanDocument(source)
        let offset = Self.wallClockOffset()
        for record in records { record.write(offset, to: &document) }
        document.end()
        let (body, count) = (document.bytes, document.count)
        while true {
            // Whoever is asked to stop has one try left.
            if sending.notBefore > 0 { Self.wait(for: [stopped], until: sending.notBefore) }
            let wasStopping = isStopping
            let (outcome, rejected, reason) = attempt(body, sending.addresses)
            tell(reason, &sending)
            let decision = sending.policy.decide(outcome, random: sending.random.next())
            switch decision {
            case .next(let pause), .again(let pause): sending.notBefore = pause > 0 ? Clock.monotonic() + pause : 0
            }
            if outcome == .accepted {
                let lost = min(rejected, count)
                counts.send(count - lost)
                counts.fail(lost)
                return true
            }
            guard case .again = decision, !wasStopping else {
                counts.fail(count)
                return false
            }
        }
    }

    private func attempt(
        _ body: [UInt8],
        _ addresses: CollectorAddresses
    ) -> (ExportPolicy.Outcome, rejected: Int, reason: String?) {
        let start = Clock.monotonic()
        let exchange = CollectorExchange(
            request: request,
            deadline: { [timeout, self] in min(start + timeout, end.load(ordering: .acquiring)) },
            interrupt: stopped
        )
        switch exchange.send(body, to: addresses) {
        case .answered(.accepted(let rejected)):
            return (.accepted, rejected, rejected > 0 ? "it took a batch without \(rejected) of its spans" : nil)
        case .answered(.retry(let status, let seconds)):
            let wait = seconds.map { UInt64(min($0, 86_400)) * ExportPolicy.second }
            return (.mayComeRight(after: wait), 0, "it answered with status \(status)")
        case .answered(.refused(let status)): return (.refused, 0, "it answered with status \(status)")
        case .answered(.garbage): return (.refused, 0, "what it answered is no HTTP")
        case .failed(let reason): return (.mayComeRight(after: nil), 0, reason)
        }
    }

    /// Tells of a change, once, and of failures at most once a minute.
    private func tell(_ reason: String?, _ sending: inout Sending) {
        guard let reason else {
            if sending.isTold { onEvent(.recovered) }
            sending.isTold = false
            return
        }
        let now = Clock.monotonic()
        guard !sending.isTold, now >= sending.silentUntil else { return }
        sending.isTold = true
        sending.silentUntil = now + 60 * ExportPolicy.second
        onEvent(.failing(reason))
    }

    private static func wallClockOffset() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec) - Clock.monotonic()
    }

    /// Waits until one of these is readable, or the time has come.
    private static func wait(for descriptors: [Int32], until end: UInt64) {
        var list = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            let now = Clock.monotonic()
            guard now < end else { return }
            let timeout = end == .max ? -1 : Int32(clamping: (end - now + 999_999) / 1_000_000)
            if poll(&list, nfds_t(list.count), timeout) > 0 { return }
        }
    }
}
