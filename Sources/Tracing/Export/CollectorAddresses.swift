import CLinux
import Glibc

/// Where a collector's host is, looked up once and again when nobody answers there. For the exporter's thread, which the
/// system's resolver may hold up.
final class CollectorAddresses {
    /// Why there is none, in words.
    struct Reason: Error {
        let text: String
        static var last: Reason { Reason(text: String(cString: strerror(errno))) }
    }

    /// One address.
    struct Address {
        let family: Int32
        private var storage = sockaddr_storage()
        private let length: socklen_t

        init?(_ info: addrinfo) {
            guard let address = info.ai_addr, Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else {
                return nil
            }
            family = info.ai_family
            length = info.ai_addrlen
            withUnsafeMutableBytes(of: &storage) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
            }
        }

        func withSocketAddress<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
            withUnsafePointer(to: storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }

    private var known: [Address] = []

    /// The addresses, in the order in which to try them.
    func look(_ url: CollectorURL) -> Result<[Address], Reason> {
        guard known.isEmpty else { return .success(known) }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(url.host, String(url.port), &hints, &found)
        guard status == 0, let found else { return .failure(Reason(text: String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(found) }
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let info = next {
            if let address = Address(info.pointee) { known.append(address) }
            next = info.pointee.ai_next
        }
        return known.isEmpty ? .failure(Reason(text: "it has no address")) : .success(known)
    }

    /// They may have changed.
    func forget() { known = [] }
}
