import Glibc

/// Where settings come from that are not options: environment variables, and files that they name.
public struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The process's own environment.
    public static let process = Environment { name in getenv(name).map { String(cString: $0) } }

    /// An environment of the caller's making.
    public init(_ lookUp: @escaping @Sendable (String) -> String?) { self.lookUp = lookUp }

    /// A variable's value; `nil` where it is not set, or empty.
    subscript(name: String) -> String? { lookUp(name).flatMap { $0.isEmpty ? nil : $0 } }

    /// What the file named by the variable holds, without the line end that editors leave; `nil` where the variable is
    /// not set.
    func secretFile(_ name: String) throws(ConfigurationError) -> [UInt8]? {
        guard let path = self[name] else { return nil }
        guard let file = fopen(path, "re") else {
            throw .unreadableFile(variable: name, path: path, errno: errno)
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        bytes.removeLast(4096 - fread(&bytes, 1, 4096, file))
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .emptyFile(variable: name, path: path) }
        return bytes
    }
}
