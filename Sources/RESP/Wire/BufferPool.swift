/// Buffers of commands that are answered, kept for the next ones.
final class BufferPool {
    /// Few enough that what a peak took goes back, and enough for all that usually waits.
    private static let most = 64

    private let buffers = UnsafeMutablePointer<CommandBuffer>.allocate(capacity: most)
    private var count = 0

    deinit {
        buffers.deinitialize(count: count)
        buffers.deallocate()
    }

    /// An empty buffer.
    func take() -> CommandBuffer {
        guard count > 0 else { return CommandBuffer() }
        count -= 1
        return (buffers + count).move()
    }

    /// Keeps a buffer, unless there are enough or it has grown too large.
    func give(_ buffer: CommandBuffer) {
        guard buffer.memory.count <= CommandBuffer.largestPooled, count < Self.most else { return }
        buffer.removeAll()
        (buffers + count).initialize(to: buffer)
        count += 1
    }
}
