/// Buffers of commands that are answered, kept for the next ones.
final class BufferPool {
    private static let most = 256
    /// Bytes that are kept in all. What a peak took goes back.
    private static let mostBytes = 1 << 20

    private let buffers = UnsafeMutablePointer<CommandBuffer>.allocate(capacity: most)
    private var count = 0
    private var bytes = 0

    deinit {
        buffers.deinitialize(count: count)
        buffers.deallocate()
    }

    /// An empty buffer.
    func take() -> CommandBuffer {
        guard count > 0 else { return CommandBuffer() }
        count -= 1
        let buffer = (buffers + count).move()
        bytes -= buffer.memory.count
        return buffer
    }

    /// Keeps a buffer, unless there are enough or it has grown too large.
    func give(_ buffer: CommandBuffer) {
        let size = buffer.memory.count
        guard size <= CommandBuffer.largestPooled, count < Self.most, bytes + size <= Self.mostBytes else { return }
        buffer.removeAll()
        bytes += size
        (buffers + count).initialize(to: buffer)
        count += 1
    }
}
