/// What a server allows its peers. Times are in nanoseconds.
public struct Limits: Equatable, Sendable {
    /// The longest body that is kept, in bytes; a longer one is read to its end and thrown away.
    public var longestBody: Int
    /// A body of which more than this many bytes come is not even read to its end: its request is handled at once.
    public var longestDrain: Int
    /// How many bytes are thrown away of what a peer still sends when its connection has had its last answer.
    public var longestLinger: Int
    /// How long a peer may pause inside a request.
    public var stall: UInt64
    /// How long a request may take to arrive, from its first byte to its last.
    public var arrival: UInt64
    /// How long a peer may leave an answer unread, or its connection open behind the last one.
    public var answer: UInt64
    /// How long a peer may use an idle connection again: a server that stops ends those that have been idle for longer.
    public var kept: UInt64

    /// Limits that suit a web server on the same machine or network.
    public init(
        longestBody: Int = 1 << 20,
        longestDrain: Int = 64 << 20,
        longestLinger: Int = 1 << 30,
        stall: UInt64 = 10_000_000_000,
        arrival: UInt64 = 60_000_000_000,
        answer: UInt64 = 30_000_000_000,
        kept: UInt64 = 6_000_000_000
    ) {
        self.longestBody = longestBody
        self.longestDrain = max(longestDrain, longestBody)
        self.longestLinger = longestLinger
        self.stall = stall
        self.arrival = arrival
        self.answer = answer
        self.kept = kept
    }
}
