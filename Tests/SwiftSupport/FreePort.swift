import Glibc
import Synchronization

/// Ports that nobody listens on.
public enum FreePort {
    /// Below the ports that the kernel gives to connections by itself, so that none of them takes one that was found
    /// before it is used.
    private static let range = 10_240..<32_768
    /// Each process begins somewhere else, and finds no port twice soon.
    private static let next = Atomic(Int(getpid()) &* 97 % range.count)

    /// Finds one on loopback.
    public static func find() -> UInt16 {
        while true {
            let offset = next.add(1, ordering: .relaxed).oldValue % range.count
            let port = UInt16(range.lowerBound + offset)
            if isFree(port) { return port }
        }
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
