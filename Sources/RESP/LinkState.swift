/// The life of a link, as decisions without any I/O: when to connect, when to give up, what a new command may expect.
struct LinkState {
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

    /// How long a connection must have been of use to be tried again at once, in nanoseconds: a server that accepts
    /// connections only to close them is not asked in a loop.
    static let proof: UInt64 = 500_000_000

    private(set) var phase = Phase.idle
    private var backoff = Backoff()

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

    /// A socket is being opened.
    mutating func began(until deadline: UInt64) {
        if case .away = phase { phase = .probing(until: deadline) } else { phase = .connecting(until: deadline) }
    }

    /// Redis has answered the first commands.
    mutating func succeeded(_ now: UInt64) { phase = .ready(since: now) }

    /// The socket is gone. What was of use for a while is tried again at once, anything else after a pause.
    /// - Returns: whether Redis counts as away from now on.
    mutating func lost(now: UInt64, using generator: inout some RandomNumberGenerator) -> Bool {
        if case .ready(let since) = phase, now - since >= Self.proof {
            backoff.reset()
            phase = .idle
            return false
        }
        phase = .away(retryAt: now + backoff.next(using: &generator))
        return true
    }
}
