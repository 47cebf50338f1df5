import Glibc

/// Bytes that are given to OpenSSL in one piece, gathered from commands. They stay until they are taken: what was begun has
/// to be gone on with, the same bytes.
final class WriteBlock {
    /// A record of TLS holds so many bytes (RFC 8446, section 5.1).
    static let capacity = 16 << 10

    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    private var count = 0

    deinit { memory.deallocate() }

    /// Bytes that are not taken.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// Copies as much as there is room for. Nothing may be left of what was gathered before.
    /// - Returns: how many bytes.
    func gather(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
        precondition(count == 0, "what was begun is not finished")
        for vector in vectors {
            let length = min(vector.iov_len, Self.capacity - count)
            guard length > 0, let source = vector.iov_base else { break }
            (memory.baseAddress! + count).copyMemory(from: source, byteCount: length)
            count += length
        }
        return count
    }

    /// All of them are taken.
    func isTaken() { count = 0 }
}
