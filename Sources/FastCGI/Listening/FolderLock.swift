import EventLoop
import Glibc

/// Keeps others out that want to listen at a path in the same folder, for as long as it lives: whether a socket is a
/// left-over, and taking its place, are two steps.
///
/// It is a lock on the folder itself (flock(2)), which leaves no file behind and ends with its process.
struct FolderLock: ~Copyable {
    private let descriptor: Int32

    /// Waits until nobody else has it.
    /// - Parameters:
    ///   - folder: where it cannot be opened there is nothing to lock, and what follows fails by itself.
    ///   - time: nanoseconds that others may take.
    init(_ folder: SocketFolder, within time: UInt64 = 10_000_000_000) throws(FastCGIError) {
        descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0, errno == EACCES { throw .folderIsUnreadable(folder.path) }
        guard descriptor >= 0 else { return }
        let deadline = Clock.monotonic() + time
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
            guard Clock.monotonic() < deadline else { throw .folderIsLocked(folder.path) }
            usleep(2000)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
