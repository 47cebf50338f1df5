/// Memory that a command is written into, and that stays where it is until the command is answered: many of them are
/// handed to one system call, and sent again after a loss.
final class CommandBuffer {
    /// Room that a buffer starts with, and how much one may have grown to and still be used again.
    static let usualCapacity = 512
    static let largestPooled = 64 << 10

    private(set) var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: usualCapacity, alignment: 16)
    private(set) var count = 0

    deinit { memory.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    func removeAll() { count = 0 }

    func reserve(_ additional: Int) {
        guard memory.count - count < additional else { return }
        let next = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(memory.count * 2, count + additional),
            alignment: 16
        )
        next.copyMemory(from: bytes)
        memory.deallocate()
        memory = next
    }

    func append(_ byte: UInt8) {
        reserve(1)
        memory[count] = byte
        count += 1
    }

    func append(_ piece: UnsafeRawBufferPointer) {
        guard let source = piece.baseAddress, let target = memory.baseAddress, !piece.isEmpty else { return }
        guard memory.count - count >= piece.count else {
            reserve(piece.count)
            return append(piece)
        }
        (target + count).copyMemory(from: source, byteCount: piece.count)
        count += piece.count
    }
}
