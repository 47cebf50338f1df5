import CLinux
import Glibc

/// The connected socket under a link, and every system call on it: what TLS would take the place of.
final class Socket {
    let descriptor: Int32

    /// Outcome of a read or write.
    enum Transfer {
        case moved(Int)
        case wouldBlock
        case closed(String)
    }

    /// Starts to connect; the socket is writable once that is done.
    ///
    /// Resolving a host name may block; it is done only here, never while a connection is of use.
    init(connectingTo address: Endpoint.Address) throws(RESPError) {
        switch address {
        case .unix(let path): descriptor = try Self.connectUnix(path)
        case .tcp(let host, let port): descriptor = try Self.connectTCP(host, port)
        }
    }

    deinit { close(descriptor) }

    /// Why connecting failed, or `nil` if it has not.
    func connectError() -> String? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code == 0 ? nil : Self.message(code)
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        if count > 0 { return .moved(count) }
        if count == 0 { return .closed("closed by Redis") }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .closed(Self.message(errno))
    }

    func send(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Transfer {
        var message = msghdr()
        message.msg_iov = vectors.baseAddress
        message.msg_iovlen = vectors.count
        let count = sendmsg(descriptor, &message, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        if count >= 0 { return .moved(count) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .closed(Self.message(errno))
    }

    private static func connectUnix(_ path: String) throws(RESPError) -> Int32 {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .cannotConnect("the socket's path is too long")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Self.type, 0)
        guard descriptor >= 0 else { throw .cannotConnect(message(errno)) }
        let status = withUnsafeBytes(of: &address) { bytes in
            connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
        return try checked(descriptor, status)
    }

    private static func connectTCP(_ host: String, _ port: UInt16) throws(RESPError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let found else { throw .cannotConnect(String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(found) }
        let info = found.pointee
        let descriptor = socket(info.ai_family, Self.type, info.ai_protocol)
        guard descriptor >= 0 else { throw .cannotConnect(message(errno)) }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, size)
        return try checked(descriptor, connect(descriptor, info.ai_addr, info.ai_addrlen))
    }

    private static let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    private static func checked(_ descriptor: Int32, _ status: Int32) throws(RESPError) -> Int32 {
        // A Unix socket whose queue is full says EAGAIN: the same as being refused, for now.
        guard status != 0, errno != EINPROGRESS else { return descriptor }
        let reason = message(errno)
        close(descriptor)
        throw .cannotConnect(reason)
    }

    private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
}
