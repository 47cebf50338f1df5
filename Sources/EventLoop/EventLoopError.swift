import Glibc

/// Why a loop or a thread could not be set up.
public enum EventLoopError: Error, Equatable, CustomStringConvertible {
    /// A system call failed with this `errno`.
    case system(call: String, errno: Int32)

    static func last(_ call: String) -> EventLoopError { .system(call: call, errno: errno) }

    /// The call and the system's own words.
    public var description: String {
        switch self {
        case .system(let call, let errno): "\(call) failed: \(String(cString: strerror(errno)))"
        }
    }
}
