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

    /// About what the process, and each loop, takes for itself.
    private static let usedByAll = 6
    private static let usedByALoop = 5

    /// - Parameter loops: how many there will be; none has been started.
    init(loops: Int) {
        var limit = rlimit()
        let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        let most = isKnown ? Int(clamping: limit.rlim_cur) : 1024
        // However few are left by whoever started the process, and by the loops that are about to start, some connections
        // have to be served.
        let left = max(0, most - Int(Self.next() ?? 0) - Self.usedByAll - loops * Self.usedByALoop)
        let kept = min(Self.forAll + loops * Self.forALoop, left / 2)
        mostForConnections = Int32(clamping: most - kept)
    }

    /// The lowest descriptor that is free; `nil` where none is.
    private static func next() -> Int32? {
        let next = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
        guard next >= 0 else { return nil }
        close(next)
        return next
    }

    /// Whether connections may have more.
    var areThereMore: Bool { Self.next().map { $0 < mostForConnections } ?? false }
}
