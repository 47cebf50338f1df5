import Glibc

/// The service manager that has started the process, systemd for one, where it wants to be told how that does: datagrams to
/// the socket that `NOTIFY_SOCKET` names, sd_notify(3).
public struct ServiceManager: Sendable {
    private let address: sockaddr_un
    private let length: socklen_t

    /// Nanoseconds within which it wants to hear that the process is alive (`WATCHDOG_USEC`); `nil` where it does not.
    public let patience: UInt64?

    /// `nil` where nobody wants to be told, or at an address that is none of a Unix socket.
    public init?(_ environment: Environment = .process) {
        guard let path = environment["NOTIFY_SOCKET"] else { return nil }
        var bytes = Array(path.utf8)
        var address = sockaddr_un()
        guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "/"): break
        // One without a file: its name begins with a zero.
        case UInt8(ascii: "@"): bytes[0] = 0
        default: return nil
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        self.address = address
        length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        patience = Self.patience(environment)
    }

    /// sd_watchdog_enabled(3).
    private static func patience(_ environment: Environment) -> UInt64? {
        guard let time = environment["WATCHDOG_USEC"].flatMap({ UInt64($0) }), (1...UInt64.max / 1000).contains(time)
        else {
            return nil
        }
        if let process = environment["WATCHDOG_PID"], process != "\(getpid())" { return nil }
        return time * 1000
    }

    /// What it can be told.
    public enum Message: Sendable {
        /// The process accepts requests.
        case ready
        /// It finishes what is under way.
        case stopping
        /// It is alive.
        case alive
        /// How it does, in a sentence.
        case status(String)

        var text: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            // A line end would begin another message.
            case .status(let sentence): "STATUS=" + String(sentence.map { $0.isNewline ? " " : $0 })
            }
        }
    }

    /// Tells it something. Who does not listen misses it: nothing here waits or fails for that.
    public func tell(_ messages: Message...) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = Array(messages.map(\.text).joined(separator: "\n").utf8)
        _ = withUnsafeBytes(of: address) { bytes in
            sendto(
                descriptor,
                text,
                text.count,
                Int32(MSG_NOSIGNAL),
                bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!,
                length
            )
        }
    }
}
