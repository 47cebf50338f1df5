import Glibc

/// Where settings come from that are not options: environment variables, and files that they name.
public struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> String?
    /// The names of all that are set.
    private let names: @Sendable () -> [String]

    /// The process's own environment.
    public static let process = Environment(names: processNames) { name in getenv(name).map { String(cString: $0) } }

    /// Longest secret in a file, in bytes: with all other parameters one has to fit into 65,535.
    static let longestSecret = 16384

    /// An environment of the caller's making.
    /// - Parameter names: gives the names of all variables that are set.
    public init(
        names: @escaping @Sendable () -> [String] = { [] },
        _ lookUp: @escaping @Sendable (String) -> String?
    ) {
        self.names = names
        self.lookUp = lookUp
    }

    /// A variable's value; `nil` where it is not set, or empty.
    subscript(name: String) -> String? {
        lookUp(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A variable's value where it is a secret, or names a file with one; `nil` where it is not set. An empty one would be
    /// no protection, where somebody believes that there is one.
    func secret(_ name: String) throws(ConfigurationError) -> String? {
        guard let value = lookUp(name) else { return nil }
        guard !value.isEmpty else { throw .emptySecret(variable: name) }
        return value
    }

    /// What the file named by the variable holds, without the line end that editors leave; `nil` where the variable is
    /// not set.
    func secretFile(_ name: String) throws(ConfigurationError) -> [UInt8]? {
        guard let path = try secret(name) else { return nil }
        let descriptor = try Self.openFile(path, for: name)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadableFile(variable: name, path: path, errno: errno) }
            guard count > 0 else { break }
            let kept = chunk[..<count].prefix(Self.longestSecret - bytes.count)
            bytes += kept
            guard chunk[kept.endIndex..<count].allSatisfy(Self.isLineEnd) else {
                throw .longFile(variable: name, path: path, limit: Self.longestSecret)
            }
        }
        while let last = bytes.last, Self.isLineEnd(last) { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .emptyFile(variable: name, path: path) }
        return bytes
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    /// Opens a file, and nothing that would have to be waited for. It is looked at before it is opened, which devices take
    /// notice of, and again in case that it has changed.
    private static func openFile(_ path: String, for name: String) throws(ConfigurationError) -> Int32 {
        var info = stat()
        guard stat(path, &info) == 0 else { throw .unreadableFile(variable: name, path: path, errno: errno) }
        if let kind = kindBesideFiles(info) { throw .noFile(variable: name, path: path, kind: kind) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadableFile(variable: name, path: path, errno: errno) }
        if fstat(descriptor, &info) == 0, let kind = kindBesideFiles(info) {
            close(descriptor)
            throw .noFile(variable: name, path: path, kind: kind)
        }
        return descriptor
    }

    /// What it is, in words; `nil` where it is a file.
    private static func kindBesideFiles(_ info: stat) -> String? {
        switch info.st_mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: "a folder"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }

    /// The names of variables that look like ours and are no settings: they are misspelt, or of another version.
    func unknownNames() -> [String] {
        names().filter { name in
            let isOurs = Self.prefixes.contains { name.hasPrefix($0) }
            return isOurs && !Self.isOfKubernetes(name) && !Setting.all.contains { $0.variable == name }
        }.sorted()
    }

    private static let prefixes = ["DASHBOARD_STATE_", "REDIS_STATE_", "REDIS_TLS_", "IDENTITY_"]

    /// Whether it is one of those by which Kubernetes tells every container of its services, which may be called as we are:
    /// `DASHBOARD_STATE_SERVICE_HOST`, `DASHBOARD_STATE_PORT_9000_TCP_ADDR`, …
    private static func isOfKubernetes(_ name: String) -> Bool {
        let words = name.split(separator: "_").dropFirst()
        return words.contains("PORT") || words.contains("SERVICE")
    }

    private static func processNames() -> [String] {
        var names: [String] = []
        var next = environ
        while let text = next.pointee {
            names.append(String(String(cString: text).prefix { $0 != "=" }))
            next += 1
        }
        return names
    }
}
