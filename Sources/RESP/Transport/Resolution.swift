import CLinux
import Glibc
import Synchronization

/// A look-up of a host's addresses on a thread of its own: the system's resolver blocks, at times for many seconds.
///
/// ``descriptor`` becomes readable once ``outcome`` is known.
final class Resolution: Sendable {
    /// What became of a look-up: addresses in the order in which to try them, or why there are none.
    typealias Outcome = Result<[SocketAddress], RESPError>

    /// An eventfd.
    let descriptor: Int32
    private let found = Mutex<Outcome?>(nil)
    private let host: String
    private let port: UInt16

    /// `nil` until the look-up has ended.
    var outcome: Outcome? { found.withLock { $0 } }

    /// Starts to look a name up.
    init(_ host: String, _ port: UInt16) throws(RESPError) {
        self.host = host
        self.port = port
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .cannotConnect(String(cString: strerror(errno))) }
        try start()
    }

    deinit { close(descriptor) }

    private func start() throws(RESPError) {
        let retained = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Resolution>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            retained.toOpaque()
        )
        guard status == 0 else {
            retained.release()
            throw .cannotConnect(String(cString: strerror(status)))
        }
        pthread_setname_np(thread, "resolver")
        pthread_detach(thread)
    }

    private func run() {
        let outcome = Self.lookUp(host, port, flags: 0)
        found.withLock { $0 = outcome }
        eventfd_write(descriptor, 1)
    }

    /// The address that a host says itself, where it is numeric: nothing is looked up for it.
    static func numeric(_ host: String, _ port: UInt16) -> [SocketAddress]? {
        guard case .success(let addresses) = lookUp(host, port, flags: AI_NUMERICHOST) else { return nil }
        return addresses
    }

    private static func lookUp(_ host: String, _ port: UInt16, flags: Int32) -> Outcome {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let found else { return .failure(.cannotResolve(String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let info = next {
            if let address = SocketAddress(info.pointee), !addresses.contains(address) { addresses.append(address) }
            next = info.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.cannotResolve("no address")) : .success(addresses)
    }
}
