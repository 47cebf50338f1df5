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
    /// - Parameter timeout: nanoseconds after which what the peer has not confirmed makes the connection fail.
    init(connectingTo address: SocketAddress, timeout: UInt64) throws(RESPError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .cannotConnect(Self.message(errno)) }
        if address.family != AF_UNIX { setOptions(timeout) }
        let status = address.withPointer { connect(descriptor, $0, $1) }
        // A Unix socket whose queue is full says EAGAIN: the same as being refused, for now. The descriptor is closed
        // by deinit, which runs when an initialiser throws late.
        guard status == 0 || errno == EINPROGRESS else { throw .cannotConnect(Self.message(errno)) }
    }

    deinit { close(descriptor) }

    private func setOptions(_ timeout: UInt64) {
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // A peer that a firewall or a NAT has forgotten is found within seconds, an idle one too.
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 5)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 2)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: timeout / 1_000_000))
        // Closing takes along what is not sent: the kernel would go on sending it for minutes, and a command that was
        // given up would be carried out after later ones were acknowledged.
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Why connecting failed, or `nil` if it has not.
    func connectError() -> String? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code == 0 ? nil : Self.message(code)
    }

    /// How many bytes the peer has not confirmed yet, or not read where it is on this machine.
    func unconfirmed() -> Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
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

    private static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
}
