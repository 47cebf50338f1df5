/// What has been received and not been consumed yet: bytes arrive behind, replies are taken in front.
final class ReceiveBuffer {
    /// Room that is always there, and that a large reply's is given back down to.
    static let usualCapacity = 64 << 10

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: usualCapacity, alignment: 16)
    private var start = 0
    private var end = 0

    deinit { memory.deallocate() }

    /// The bytes.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }

    /// The same, for whoever reads them: they stay where they are until some are consumed, all are forgotten, or room is
    /// made. The compiler does not see to that, only that this lives as long.
    var span: RawSpan {
        @_lifetime(borrow self) get { _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self) }
    }

    /// Whether it has grown for a large reply.
    var isLarge: Bool { memory.count > Self.usualCapacity }

    /// Room behind them.
    var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[end...]) }

    /// Bytes were written to ``room``.
    func added(_ count: Int) { end += count }

    /// The first bytes are done with.
    func consume(_ count: Int) {
        start += count
        if start == end { forget() }
    }

    /// Everything is done with.
    func forget() {
        start = 0
        end = 0
        if memory.count > Self.usualCapacity { replaceMemory(Self.usualCapacity) }
    }

    /// Makes room for a reply of at least `minimum` bytes, the part that is here included.
    func reserve(_ minimum: Int) {
        let wanted = max(minimum, end - start + 4096)
        guard memory.count - start < wanted else { return }
        if memory.count >= wanted {
            memory.baseAddress?.copyMemory(from: memory.baseAddress! + start, byteCount: end - start)
            end -= start
            start = 0
        } else {
            replaceMemory(wanted)
        }
    }

    private func replaceMemory(_ capacity: Int) {
        let next = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        next.copyMemory(from: bytes)
        memory.deallocate()
        memory = next
        end -= start
        start = 0
    }
}
