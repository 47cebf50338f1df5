import CLinux
import Glibc
import Synchronization

/// Who may connect to a Unix socket. Whoever can speaks with the web server's authority, so this is part of security.
public struct SocketAccess: Equatable, Sendable {
    /// Permission bits, as in `chmod`.
    public var mode: mode_t
    /// Name of the group that the socket is given to; `nil` leaves the process's own.
    public var group: String?

    /// Access for the owner and the group by default.
    public init(mode: mode_t = 0o660, group: String? = nil) {
        self.mode = mode
        self.group = group
    }
}

/// A listening socket: created here, or handed over by whoever started the process.
public final class Listener: Sendable {
    /// The descriptor, non-blocking and close-on-exec.
    public let descriptor: Int32
    /// Whether peers on other machines can reach it.
    public let isRemote: Bool
    /// Whether it is one of TCP, and not a Unix socket.
    let isTCP: Bool
    /// What to call it in messages.
    public let name: String

    private let path: String?
    private let identity: FileIdentity?
    private let origin: Origin
    private let withdrawn = Atomic<Bool>(false)

    private enum Origin {
        /// No other process has it.
        case created
        /// systemd keeps it, and hands it to others.
        case ofSystemd
        /// Somebody bound it, and may have it too, with or without others that listen: spawn-fcgi, lighttpd, multiwatch.
        case ofStarter
    }

    /// Connections that wait to be accepted before the kernel refuses more. A full queue of a Unix socket is an
    /// instant error for the web server, so this is large; the kernel caps it at `net.core.somaxconn`.
    private static let backlog: Int32 = 4096

    /// Binds and listens.
    ///
    /// A Unix socket that nobody listens on any more is replaced; a live one, or another kind of file, is an error.
    /// - Parameter willBind: called when there is nothing more to wait for: neither for other processes that start, nor for
    ///   names to be looked up.
    public init(
        _ address: ListenAddress,
        access: SocketAccess = SocketAccess(),
        willBind: () -> Void = {}
    ) throws(FastCGIError) {
        name = address.description
        origin = .created
        switch address {
        case .unix(let path):
            descriptor = try Self.bindUnix(path, access, willBind)
            isRemote = false
            self.path = path
            identity = FileIdentity(path: path)
        case .tcp(let host, let port):
            descriptor = try Self.bindTCP(host, port, name, willBind)
            isRemote = !Self.isLoopback(descriptor)
            path = nil
            identity = nil
        }
        isTCP = Self.isTCP(descriptor)
    }

    /// Takes over a socket that already listens.
    public init(inherited descriptor: Int32) {
        self.descriptor = descriptor
        name = Self.address(of: descriptor) ?? "descriptor \(descriptor)"
        origin = descriptor == STDIN_FILENO ? .ofStarter : .ofSystemd
        isRemote = !Self.isLoopback(descriptor)
        isTCP = Self.isTCP(descriptor)
        path = nil
        identity = nil
        Self.prepare(descriptor)
    }

    /// Where a socket listens, in the words of ``ListenAddress``; `nil` where those have none for it.
    private static func address(of descriptor: Int32) -> String? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> String? in
                guard getsockname(descriptor, address, &length) == 0 else { return nil }
                guard Int32(address.pointee.sa_family) != AF_UNIX else {
                    let bytes = UnsafeRawBufferPointer(start: address, count: Int(length))
                    let path = bytes.dropFirst(MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }
                    return path.isEmpty ? nil : "unix:" + String(decoding: path, as: UTF8.self)
                }
                var host = [CChar](repeating: 0, count: 64)
                var port = [CChar](repeating: 0, count: 8)
                let flags = NI_NUMERICHOST | NI_NUMERICSERV
                guard getnameinfo(address, length, &host, 64, &port, 8, flags) == 0 else { return nil }
                let text = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                let number = String(decoding: port.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                return UInt16(number).map { ListenAddress.tcp(host: text, port: $0).description }
            }
        }
    }

    /// The sockets that a supervisor handed over: `LISTEN_FDS` of systemd from descriptor 3 on, or descriptor 0 as
    /// spawn-fcgi, mod_fcgid and lighttpd leave it. Empty where there are none.
    ///
    /// Source: sd_listen_fds(3); FastCGI Specification, section 2.2.
    /// - Throws: ``FastCGIError`` where what was handed over is not what was said: to listen elsewhere would help nobody.
    public static func inherited() throws(FastCGIError) -> [Listener] {
        guard let text = handedOver() else {
            return isListening(STDIN_FILENO) ? [Listener(inherited: STDIN_FILENO)] : []
        }
        guard let count = Int32(text), count > 0 else { throw .invalidHandOver(variable: "LISTEN_FDS", value: text) }
        var listeners: [Listener] = []
        // However large the number, the first that is no socket ends it.
        for descriptor in 3..<(3 + Int(count)) {
            let descriptor = Int32(clamping: descriptor)
            guard isListening(descriptor) else { throw .notListening(descriptor) }
            listeners.append(Listener(inherited: descriptor))
        }
        return listeners
    }

    /// Looks whether ``init(_:access:willBind:)`` could listen there, as far as it can be told without making or removing
    /// anything: by the path, its folder, and what lies there. A socket that somebody listens on is fine: that may be who is
    /// to be replaced. Of TCP nothing is looked at.
    public static func check(_ address: ListenAddress) throws(FastCGIError) {
        guard case .unix(let path) = address else { return }
        guard UnixAddress(path) != nil else { throw .pathTooLong(path, limit: UnixAddress.longestPath) }
        try SocketFolder(of: path).check()
        guard isFreeOrSocket(path) else { throw .notASocket(path) }
    }

    /// Whether there is nothing but, perhaps, a socket.
    private static func isFreeOrSocket(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) != 0 || info.st_mode & S_IFMT == S_IFSOCK
    }

    /// Whether sockets were handed over, usable ones or not.
    static var areHandedOver: Bool { handedOver() != nil || isListening(STDIN_FILENO) }

    /// How many sockets a supervisor says that it handed to this process.
    private static func handedOver() -> String? {
        guard let count = environment("LISTEN_FDS"), environment("LISTEN_PID").flatMap({ pid_t($0) }) == getpid() else {
            return nil
        }
        return count == "0" ? nil : count
    }

    /// Lets nobody connect any more, while connections that the kernel has already accepted can still be taken; then
    /// ``refuse()``, at once or, where ``hasHandshakes``, when those that had begun have had their time. What other
    /// processes listen on too stays as it is.
    public func withdraw() {
        switch origin {
        case .created: break
        case .ofSystemd: return
        case .ofStarter: guard !SocketHolders.exist(besidesThis: descriptor) else { return }
        }
        withdrawn.store(true, ordering: .releasing)
        if let path, let identity, FileIdentity(path: path) == identity { unlink(path) }
        if isTCP { Farewell.dropHandshakes(descriptor) } else { Farewell.refuseInput(descriptor) }
    }

    /// Whether nobody can connect any more.
    var isWithdrawn: Bool { withdrawn.load(ordering: .acquiring) }

    /// Whether somebody may be about to have connected, now that this is withdrawn.
    var hasHandshakes: Bool { isWithdrawn && isTCP }

    /// Refuses whoever wants to connect, when all who had connected are taken.
    func refuse() { if isWithdrawn { Farewell.refuseInput(descriptor) } }

    private static func isTCP(_ descriptor: Int32) -> Bool {
        option(SO_DOMAIN, of: descriptor).map { $0 != AF_UNIX } ?? false
    }

    /// Accepts one connection, close-on-exec and blocking, as libfcgi wants it; -1 with `errno` where there is none.
    public func accept() -> Int32 { accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue)) }

    /// Ends it, whoever still waits to be accepted.
    public func close() { _ = Glibc.close(descriptor) }

    /// Whether connections of bytes can be accepted there: those of packets listen, too, but web servers make none.
    private static func isListening(_ descriptor: Int32) -> Bool {
        option(SO_ACCEPTCONN, of: descriptor) == 1 && option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue)
    }

    /// `nil` where the descriptor is no socket.
    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Other processes share an inherited socket's flags, and may take `O_NONBLOCK` away at any moment: systemd does so
    /// whenever it starts another worker without `NonBlocking=`. The time limit, which is the socket's own, then ends an
    /// `accept` that has nothing to accept, with the same `EAGAIN`.
    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var limit = timeval(tv_sec: 0, tv_usec: longestAccept)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Microseconds; the kernel rounds it up to its next tick.
    private static let longestAccept = 1

    private static func bindUnix(
        _ path: String,
        _ access: SocketAccess,
        _ willBind: () -> Void
    ) throws(FastCGIError) -> Int32 {
        guard var address = UnixAddress(path) else { throw .pathTooLong(path, limit: UnixAddress.longestPath) }
        let group = try access.group.map { name throws(FastCGIError) in try groupID(name) }
        let folder = SocketFolder(of: path)
        let lock = try FolderLock(folder)
        defer { withExtendedLifetime(lock) {} }
        willBind()
        try clearStale(path, &address)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket", path) }
        prepare(descriptor)
        // Nobody may connect between bind and chmod.
        let mask = umask(0o777)
        let status = address.withPointer { bind(descriptor, $0, $1) }
        let bindError = errno
        umask(mask)
        do throws(FastCGIError) {
            guard status == 0 else {
                throw folder.error(bindError) ?? FastCGIError.system(call: "bind", about: path, errno: bindError)
            }
            if let group {
                guard chown(path, uid_t.max, group) == 0 else { throw FastCGIError.last("chown", path) }
            }
            guard chmod(path, access.mode) == 0 else { throw FastCGIError.last("chmod", path) }
            guard listen(descriptor, backlog) == 0 else { throw FastCGIError.last("listen", path) }
        } catch {
            if status == 0 { unlink(path) }
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func groupID(_ name: String) throws(FastCGIError) -> gid_t {
        guard let entry = getgrnam(name) else { throw .unknownGroup(name) }
        return entry.pointee.gr_gid
    }

    /// Removes a socket that a killed process left behind.
    private static func clearStale(_ path: String, _ address: inout UnixAddress) throws(FastCGIError) {
        guard FileIdentity(path: path) != nil else { return }
        guard isFreeOrSocket(path) else { throw .notASocket(path) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw .last("socket", path) }
        defer { _ = Glibc.close(probe) }
        let status = address.withPointer { connect(probe, $0, $1) }
        guard status != 0, errno == ECONNREFUSED else { throw .inUse("unix:\(path)") }
        guard unlink(path) == 0 else { throw .last("unlink", path) }
    }

    private static func bindTCP(
        _ host: String,
        _ port: UInt16,
        _ name: String,
        _ willBind: () -> Void
    ) throws(FastCGIError) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let found else {
            throw .unknownHost(name, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(found) }
        willBind()
        let info = found.pointee
        let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
        guard descriptor >= 0 else { throw .last("socket", name) }
        prepare(descriptor)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, backlog) == 0 else {
            let error = errno == EADDRINUSE ? FastCGIError.inUse(name) : .last("bind", name)
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func isLoopback(_ descriptor: Int32) -> Bool {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            let raw = UnsafeMutableRawPointer(pointer)
            guard getsockname(descriptor, raw.assumingMemoryBound(to: sockaddr.self), &size) == 0 else { return false }
            switch Int32(pointer.pointee.ss_family) {
            case AF_UNIX: return true
            case AF_INET:
                return raw.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_addr.s_addr.bigEndian >> 24 == 127
            case AF_INET6:
                return raw.assumingMemoryBound(to: sockaddr_in6.self).pointee.sin6_addr.isLoopback
            default: return false
            }
        }
    }
}

extension in6_addr {
    /// `::1`.
    fileprivate var isLoopback: Bool {
        withUnsafeBytes(of: self) { bytes in bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
    }
}
