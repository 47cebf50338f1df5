import Bytes
import Synchronization

/// A line that is made before it is logged, in memory that is used again and again: the way of requests through swift-log,
/// since metadata of their own would take longer to make than the answer took. One for each loop.
final class WholeLine: CustomStringConvertible, Sendable {
    private let bytes = Mutex(ByteBuffer())

    /// Makes the line, with its line feed.
    @inline(__always)
    func make(_ write: (inout ByteBuffer) -> Void) {
        bytes.withLock { bytes in
            bytes.removeAll(reserving: 0)
            write(&bytes)
        }
    }

    /// Lends it.
    @inline(__always)
    func read(_ body: (UnsafeRawBufferPointer) -> Void) { bytes.withLock { body($0.bytes) } }

    var description: String { bytes.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
}
