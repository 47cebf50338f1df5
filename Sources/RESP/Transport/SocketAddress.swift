import Glibc

/// One address that a socket can connect to, as the system writes it.
struct SocketAddress: Equatable, Sendable {
    /// `AF_UNIX`, `AF_INET` or `AF_INET6`.
    let family: Int32
    private let bytes: [UInt8]

    /// The address of a Unix socket, whose path is at most 107 bytes long.
    init(unix path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        family = AF_UNIX
        bytes = withUnsafeBytes(of: &address) { [UInt8]($0) }
    }

    /// What the system's resolver found.
    init?(_ info: addrinfo) {
        guard let address = info.ai_addr else { return nil }
        family = info.ai_family
        bytes = [UInt8](UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { raw in
            // An address is never empty, and the array's memory is aligned for any of them.
            body(raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }
}
