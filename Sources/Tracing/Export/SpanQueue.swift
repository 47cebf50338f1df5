import CLinux
import EventLoop
import Glibc
import Synchronization

/// What is noted of requests on its way from the loops to the exporter. It holds so many, and no more.
public final class SpanQueue: Sendable {
    private let held = Mutex<[any SpanRecord]>([])
    /// Readable once there is something to take, or much of it.
    let wakeUp: Int32
    private let capacity: Int
    /// From how many records on the exporter should not wait for more.
    let plenty: Int
    private let counts: SpanCounts

    /// A queue with room for so many records.
    public init(capacity: Int = 4096, plenty: Int = 512, _ counts: SpanCounts) throws(EventLoopError) {
        self.capacity = capacity
        self.plenty = plenty
        self.counts = counts
        wakeUp = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard wakeUp >= 0 else { throw .system(call: "eventfd", errno: errno) }
    }

    deinit { close(wakeUp) }

    /// Takes records over, and counts those for which there is no room. Where another thread is at the queue just now they
    /// stay, for the next time: nobody waits, unless there is no next time.
    public func offer(_ records: inout [any SpanRecord], waits: Bool = false) {
        let count = records.count
        let before: Int? =
            waits
            ? held.withLock { add(records, to: &$0) } : held.withLockIfAvailable { add(records, to: &$0) }
        guard let before else {
            // There is always somebody at it: that is no reason to take more and more memory.
            if count >= capacity { discard(&records, from: 0) }
            return
        }
        let after = min(capacity, before + count)
        if (before == 0 && after > 0) || (before < plenty && after >= plenty) { eventfd_write(wakeUp, 1) }
        discard(&records, from: after - before)
    }

    /// - Returns: how many there were before.
    private func add(_ records: [any SpanRecord], to held: inout [any SpanRecord]) -> Int {
        let before = held.count
        let room = capacity - before
        // Most of them all fit.
        if records.count <= room {
            held.append(contentsOf: records)
        } else {
            held.append(contentsOf: records.prefix(room))
        }
        return before
    }

    private func discard(_ records: inout [any SpanRecord], from start: Int) {
        if start < records.count { counts.drop(records[start...].reduce(0) { $0 + $1.spanCount }) }
        records.removeAll(keepingCapacity: true)
    }

    /// Takes all that there is.
    /// - Parameter records: empty; its memory is used by the queue from now on.
    func take(_ records: inout [any SpanRecord]) {
        held.withLock { held in swap(&held, &records) }
    }
}

/// What is noted of one request until its spans are written.
public protocol SpanRecord: AnyObject, Sendable {
    /// How many spans it makes.
    var spanCount: Int { get }

    /// Writes them.
    /// - Parameter offset: what to add to monotonic nanoseconds to have them since 1970.
    func write(_ offset: UInt64, to document: inout SpanDocument)
}
