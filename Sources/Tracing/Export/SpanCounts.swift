import Synchronization

/// What became of spans; any thread counts, and any reads.
public final class SpanCounts: Sendable {
    private let sentSpans = Atomic<UInt64>(0)
    private let failedSpans = Atomic<UInt64>(0)
    private let droppedSpans = Atomic<UInt64>(0)

    /// Nothing yet.
    public init() {}

    /// Those that the collector has.
    public var sent: UInt64 { sentSpans.load(ordering: .relaxed) }
    /// Those that it refused, or did not take in time.
    public var failed: UInt64 { failedSpans.load(ordering: .relaxed) }
    /// Those for which there was no room in the queue.
    public var dropped: UInt64 { droppedSpans.load(ordering: .relaxed) }

    func send(_ count: Int) { sentSpans.add(UInt64(count), ordering: .relaxed) }
    func fail(_ count: Int) { failedSpans.add(UInt64(count), ordering: .relaxed) }
    func drop(_ count: Int) { droppedSpans.add(UInt64(count), ordering: .relaxed) }
}
