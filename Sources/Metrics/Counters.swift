import Synchronization

/// Numbers that one thread counts and any other may read: a loop has its own, and they are added up when somebody asks.
///
/// Counting is a plain load, an addition and a store: there is one writer, so nothing is locked, and no cache line is
/// another loop's.
///
/// Unchecked: what is shared is nothing but atomics, at an address that does not change.
public final class Counters: @unchecked Sendable {
    @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many there are.
    public let count: Int

    /// So many numbers, all 0.
    public init(count: Int) {
        self.count = count
        // Neighbouring lines are fetched in pairs.
        let size = (count * MemoryLayout<Atomic<UInt64>>.stride + 127) & ~127
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 128)
        cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit { cells.deallocate() }

    /// Counts; to be called by the one thread that does.
    /// - Parameter index: below ``count``, which is not checked.
    @inlinable @inline(__always)
    public func add(_ amount: UInt64 = 1, at index: Int) {
        let before = cells[index].load(ordering: .relaxed)
        cells[index].store(before &+ amount, ordering: .relaxed)
    }

    /// What was counted so far; callable from every thread.
    public subscript(_ index: Int) -> UInt64 { cells[index].load(ordering: .relaxed) }
}
