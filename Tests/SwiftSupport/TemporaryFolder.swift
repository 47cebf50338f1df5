import Foundation

/// A folder that is removed with the object, or at the latest with the test run. Its path is short enough for Unix
/// sockets in it.
public final class TemporaryFolder: Sendable {
    /// The absolute path.
    public let path: String

    /// Makes the folder, open to other users, since nginx runs as one.
    public init() throws {
        path = NSTemporaryDirectory() + "ds-" + String(UInt32.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        Leftovers.shared.add(path)
    }

    deinit { Leftovers.shared.remove(path) }

    /// The path of something in it.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Folders of objects that live as long as the process, such as one that tests share.
    private final class Leftovers: @unchecked Sendable {
        // Safe: the lock guards the set.
        private let lock = NSLock()
        private var paths = Set<String>()

        static let shared: Leftovers = {
            atexit { Leftovers.shared.removeAll() }
            return Leftovers()
        }()

        func add(_ path: String) { lock.withLock { _ = paths.insert(path) } }

        func remove(_ path: String) {
            lock.withLock { _ = paths.remove(path) }
            try? FileManager.default.removeItem(atPath: path)
        }

        private func removeAll() {
            for path in lock.withLock({ paths }) { try? FileManager.default.removeItem(atPath: path) }
        }
    }
}
