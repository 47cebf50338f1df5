import CLinux
import Glibc

/// The connected socket under a link, and what goes over it: plain, or by TLS.
final class Socket {
    let descriptor: Int32
    /// What bytes go through; `nil` where they go as they are.
    let tls: TLSConnection?

    /// Outcome of a read or write.
    enum Transfer {
        case moved(Int)
        case wouldBlock
        case closed(String)
        /// TLS has failed, and knows why.
        case failed
    }

    /// Why a connection is gone that its peer has closed.
    static let closedByPeer = "closed by Redis"

    /// Starts to connect; the socket is writable once that is done.
    /// - Parameters:
    ///   - timeout: nanoseconds after which what the peer has not confirmed makes the connection fail.
    ///   - tls: makes what bytes go through.
    init(connectingTo address: SocketAddress, timeout: UInt64, tls client: TLSClient? = nil) throws(RESPError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .cannotConnect(Self.message(errno)) }
        do throws(RESPError) { tls = try client?.connection(over: descriptor) } catch {
            close(descriptor)
            throw error
        }
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
        if let tls { return tls.receive(into: buffer) }
        let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
        if count > 0 { return .moved(count) }
        if count == 0 { return .closed(Self.closedByPeer) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .closed(Self.message(errno))
    }

    func send(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Transfer {
        if let tls { return tls.send(vectors) }
        var message = msghdr()
        message.msg_iov = vectors.baseAddress
        message.msg_iovlen = vectors.count
        let count = sendmsg(descriptor, &message, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        if count >= 0 { return .moved(count) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .closed(Self.message(errno))
    }

    static func message(_ code: Int32) -> String { String(cString: strerror(code)) }
}
