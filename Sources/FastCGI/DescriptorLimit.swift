import Glibc

/// How many descriptors the process may have, and how many of them connections of web servers may take. Some are kept
/// back: a loop that loses its connection to Redis must be able to make a new one, or nobody who is connected is served.
struct DescriptorLimit: Sendable {
    /// Connections are accepted until one has this number, which is the lowest that was free.
    let mostForConnections: Int32

    /// Kept back for each loop: for Redis, on the way from one connection to the next, and for looking up its name.
    private static let forALoop = 4
    /// Kept back for the process.
    private static let forAll = 8

    init(loops: Int) {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let most = isKnown ? Int(clamping: limit.rlim_cur) : 1024
        // However few there are, some connections have to be served.
        let kept = min(Self.forAll + loops * Self.forALoop, most / 2)
        mostForConnections = Int32(clamping: most - kept)
    }

    /// Whether connections may have more.
    var areThereMore: Bool {
        let next = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
        guard next >= 0 else { return false }
        close(next)
        return next < mostForConnections
    }
}
