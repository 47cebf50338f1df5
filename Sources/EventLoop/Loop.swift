import CLinux
import Glibc

/// One epoll instance and the thread that waits on it.
///
/// Everything here is used on the loop's own thread. What comes from another thread goes through ``Mailbox``.
/// Descriptors are watched level-triggered: whatever is not consumed is reported again.
public final class Loop {
    /// What a watched descriptor is ready for. An error or a hang-up counts as readable *and* writable, so that the
    /// next system call on it tells what happened.
    public struct Readiness: OptionSet, Sendable {
        /// The bits, in a layout of this type's own.
        public let rawValue: UInt8
        /// Makes a set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Bytes, a connection to accept, or an end of input.
        public static let readable = Readiness(rawValue: 1)
        /// Room to write, or a finished connect.
        public static let writable = Readiness(rawValue: 2)
    }

    /// Monotonic time in nanoseconds, read once for each batch of events.
    public var now: UInt64 { batchTime }

    /// Called after every batch of events and before the loop waits again: the place to send what the batch gathered.
    public var afterBatch: () -> Void = {}

    private var batchTime: UInt64 = Clock.monotonic()
    private let descriptor: Int32
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
    // Unchecked: a loop is one thread's, and nothing calls back into it while this changes.
    @exclusivity(unchecked) private var watches = WatchTable()
    private var timers: [LoopTimer] = []
    private var running = true
    @exclusivity(unchecked) private var looksAgain = false

    /// Opens the epoll instance.
    /// - Throws: ``EventLoopError/system(call:errno:)``, in practice only for want of descriptors.
    public init() throws(EventLoopError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .last("epoll_create1") }
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    /// Reports readiness of a descriptor to `source`, which is kept until ``unwatch(_:)`` or the end of ``run()``.
    /// - Parameter exclusive: for a listening socket that several loops watch: a connection wakes one of them, not all
    ///   (`EPOLLEXCLUSIVE`).
    public func watch(
        _ fd: Int32,
        for interest: Readiness,
        exclusive: Bool = false,
        source: any EventSource
    ) throws(EventLoopError) {
        var event = Self.event(interest, watches.nextWord(fd))
        if exclusive {
            // EPOLLEXCLUSIVE goes with a few other flags only, and a listening socket has no peer to hang up.
            event.events = EPOLLIN.rawValue | 1 << 28
        }
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, fd, &event) == 0 else { throw .last("epoll_ctl") }
        _ = watches.add(fd, source)
    }

    /// Changes what a watched descriptor is reported for; an empty set leaves only errors and hang-ups.
    public func rewatch(_ fd: Int32, for interest: Readiness) {
        guard let word = watches.word(fd) else { return }
        var event = Self.event(interest, word)
        epoll_ctl(descriptor, EPOLL_CTL_MOD, fd, &event)
    }

    /// Stops reporting, also what this batch still holds; nothing where it is not watched.
    ///
    /// To be called before the descriptor is closed: where another process holds the socket too, one that was just
    /// forked perhaps, epoll would go on reporting it, without end and to nobody (epoll(7), Q6).
    public func unwatch(_ fd: Int32) {
        if watches.remove(fd) != nil { epoll_ctl(descriptor, EPOLL_CTL_DEL, fd, nil) }
    }

    /// Adds a timer, not yet set.
    public func makeTimer(_ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(action: action)
        timers.append(timer)
        return timer
    }

    /// Forgets a timer, which fires no more.
    public func remove(_ timer: LoopTimer) {
        timer.deadline = nil
        timers.removeAll { $0 === timer }
    }

    /// Waits for events and delivers them, until ``stop()``; then lets go of all that it watches.
    public func run() {
        while running {
            afterBatch()
            guard running else { break }
            let next = timers.lazy.compactMap(\.deadline).min()
            let timeout = looksAgain ? 0 : timeout(until: next)
            if looksAgain {
                looksAgain = false
                sched_yield()
            }
            let count = epoll_wait(descriptor, events.baseAddress, Int32(events.count), timeout)
            batchTime = Clock.monotonic()
            if count > 0 { deliver(Int(count)) }
            // One that was set meanwhile comes next time, without a wait if it is due.
            if let next, next <= batchTime { fireDueTimers() }
        }
        var ended = WatchTable()
        swap(&ended, &watches)
        afterBatch = {}
    }

    /// In the order of their deadlines, however late it is.
    private func fireDueTimers() {
        let due = timers.filter { $0.isDue(batchTime) }.sorted { $0.deadline ?? 0 < $1.deadline ?? 0 }
        // One of them may have put off, or removed, another.
        for timer in due where timer.isDue(batchTime) { timer.fire() }
    }

    /// Has the loop only look for events the next time, and not wait, after others who want the processor have had it: what
    /// they do may bring some.
    public func lookAgain() { looksAgain = true }

    /// Lets ``run()`` return once the events in hand are delivered.
    public func stop() { running = false }

    private func deliver(_ count: Int) {
        for index in 0..<count {
            let event = events[index]
            guard let source = watches.source(event.data.u64) else { continue }
            var readiness: Readiness = []
            if event.events & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue | EPOLLRDHUP.rawValue) != 0 {
                readiness.insert(.readable)
            }
            if event.events & (EPOLLOUT.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
                readiness.insert(.writable)
            }
            source.ready(readiness)
        }
    }

    /// Milliseconds until a timer is due, rounded up so that it is on waking; -1 without one. The time that the batch has
    /// taken comes on top: a look at the clock for each wait would cost more than that is worth.
    private func timeout(until next: UInt64?) -> Int32 {
        guard let next else { return -1 }
        guard next > batchTime else { return 0 }
        return Int32(clamping: (next - batchTime + 999_999) / 1_000_000)
    }

    private static func event(_ interest: Readiness, _ word: UInt64) -> epoll_event {
        var event = epoll_event()
        if interest.contains(.readable) { event.events |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
        if interest.contains(.writable) { event.events |= EPOLLOUT.rawValue }
        event.data.u64 = word
        return event
    }
}
