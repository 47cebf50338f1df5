import Foundation

/// A folder that is removed with the object. Its path is short enough for Unix sockets in it.
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
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in it.
    public func file(_ name: String) -> String { path + "/" + name }
}
