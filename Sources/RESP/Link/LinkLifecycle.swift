/// The life of a link, as decisions without any I/O: when to connect, when to give up, what a new command may expect.
struct LinkLifecycle {
    /// Where in its life a link is. Times are monotonic nanoseconds.
    enum Phase: Equatable {
        /// Not connected, and nobody has tried since the last loss: the next attempt is due at once.
        case idle
        /// The socket connects, or the first commands wait for their replies.
        case connecting(until: UInt64)
        /// Redis answers, and has done so since this time.
        case ready(since: UInt64)
        /// An attempt failed: commands are refused at once until a later one succeeds.
        case away(retryAt: UInt64)
        /// Another attempt, with commands still refused.
        case probing(until: UInt64)
    }

    /// How long a connection must have held to have been of use, in nanoseconds, where no command was answered on it.
    static let proof: UInt64 = 500_000_000
    /// So many connections in a row that were of no use, and a server that accepts them only to close them counts as away.
    static let mostUseless = 3

    private(set) var phase = Phase.idle
    private var backoff = Backoff()
    private var useless = 0

    /// Whether a new command is taken; otherwise it fails at once.
    var acceptsCommands: Bool {
        switch phase {
        case .idle, .connecting, .ready: true
        case .away, .probing: false
        }
    }

    /// When something is due even if nothing happens on the socket.
    var deadline: UInt64? {
        switch phase {
        case .idle: 0
        case .connecting(let until), .probing(let until): until
        case .ready: nil
        case .away(let retryAt): retryAt
        }
    }

    /// Whether it is time to open a socket.
    func shouldConnect(_ now: UInt64) -> Bool {
        switch phase {
        case .idle: true
        case .away(let retryAt): retryAt <= now
        case .connecting, .ready, .probing: false
        }
    }

    /// Whether the attempt under way has taken too long.
    func hasTimedOut(_ now: UInt64) -> Bool {
        switch phase {
        case .connecting(let until), .probing(let until): until <= now
        case .idle, .ready, .away: false
        }
    }

    /// An attempt begins, or goes on with another address, which has until then.
    mutating func began(until deadline: UInt64) {
        switch phase {
        case .away, .probing: phase = .probing(until: deadline)
        case .idle, .connecting, .ready: phase = .connecting(until: deadline)
        }
    }

    /// The attempt takes so long that commands are refused meanwhile; it goes on.
    mutating func isTakingLong() { phase = .probing(until: .max) }

    /// Redis has answered the first commands.
    mutating func succeeded(_ now: UInt64) { phase = .ready(since: now) }

    /// What kept attempts from success is over: the next one is due at once, and pauses begin anew.
    mutating func retry(_ now: UInt64) {
        backoff.reset()
        useless = 0
        if case .away = phase { phase = .away(retryAt: now) }
    }

    /// The socket is gone. What was of use is tried again at once, and so is, a few times, what only accepted it;
    /// anything else after a pause.
    /// - Parameter wasOfUse: whether a command was answered on it.
    /// - Returns: whether Redis counts as away from now on.
    mutating func lost(now: UInt64, wasOfUse: Bool, using generator: inout some RandomNumberGenerator) -> Bool {
        if case .ready(let since) = phase {
            if wasOfUse || now - since >= Self.proof {
                backoff.reset()
                useless = 0
            } else {
                useless += 1
            }
            if useless < Self.mostUseless {
                phase = .idle
                return false
            }
        }
        phase = .away(retryAt: now + backoff.next(using: &generator))
        return true
    }
}
