/// When the map of a cluster is asked for, and whom: decisions without any I/O.
///
/// It is asked for at the start, and when something shows that it is out of date; not more often than ``pause`` allows,
/// however many requests say so. One node after the other is asked, those first that the map names, until one answers.
public struct MapRefresh {
    /// What to do.
    public enum Action: Equatable, Sendable {
        /// Nothing for now.
        case none
        /// Ask this node.
        case ask(Endpoint.Address)
    }

    /// Nanoseconds from one answer to the next question at least.
    public static let pause: UInt64 = 250_000_000
    /// Nanoseconds from a round in which nobody has answered to the next one, at first and at most. A failover that Redis
    /// has just made is seen well within a second.
    static let pausesAfterFailure: (first: UInt64, longest: UInt64) = (50_000_000, 500_000_000)

    private let seeds: [Endpoint.Address]
    private let timeout: UInt64
    private var known: [Endpoint.Address] = []
    /// Counts questions, so that each round begins with another node.
    private var turn: Int
    /// Who is left of the round that is under way; `nil` where none is.
    private var round: [Endpoint.Address]?
    private var asksUntil: UInt64?
    private var isWanted = true
    private var earliest: UInt64 = 0
    private var failedRounds = 0

    /// Whether nobody has answered in the last round.
    public var isAway: Bool { failedRounds > 0 }

    /// - Parameters:
    ///   - seeds: nodes that are known from the start; one at least.
    ///   - timeout: nanoseconds that a node has to answer, at most. In the first round each has a quarter of that, so that
    ///     who waits for the map is served though the first is away.
    ///   - turn: any number: who is asked first.
    public init(seeds: [Endpoint.Address], timeout: UInt64, turn: Int) {
        self.seeds = seeds
        self.timeout = timeout
        self.turn = turn
    }

    /// When something is due; `nil` if that is nothing.
    public var deadline: UInt64? { asksUntil ?? (isWanted ? earliest : nil) }

    /// The map does not fit.
    public mutating func want() { isWanted = true }

    /// Whether the node that is being asked has taken too long.
    public func hasTimedOut(_ now: UInt64) -> Bool { asksUntil.map { $0 <= now } ?? false }

    /// What is due now.
    public mutating func next(_ now: UInt64) -> Action {
        guard asksUntil == nil, isWanted, now >= earliest else { return .none }
        if round == nil { begin() }
        guard let node = round?.popLast() else { return .none }
        let until = now + min(timeout, (timeout / 4) << UInt64(min(failedRounds, 2)))
        asksUntil = until
        return .ask(node)
    }

    private mutating func begin() {
        turn &+= 1
        let order = Self.rotated(known, by: turn) + Self.rotated(seeds.filter { !known.contains($0) }, by: turn)
        round = order.reversed()
    }

    private static func rotated(_ nodes: [Endpoint.Address], by turn: Int) -> [Endpoint.Address] {
        guard !nodes.isEmpty else { return [] }
        let start = Int(UInt(bitPattern: turn) % UInt(nodes.count))
        return Array(nodes[start...] + nodes[..<start])
    }

    /// The node that was asked has told of these.
    public mutating func succeeded(_ nodes: [Endpoint.Address], _ now: UInt64) {
        known = nodes
        isWanted = false
        round = nil
        asksUntil = nil
        failedRounds = 0
        earliest = now + Self.pause
    }

    /// The node that was asked does not answer. Another is asked, or all once more after a pause.
    /// - Returns: whether that was the last one.
    public mutating func failed(_ now: UInt64) -> Bool {
        asksUntil = nil
        guard round?.isEmpty ?? true else { return false }
        round = nil
        let (first, longest) = Self.pausesAfterFailure
        earliest = now + min(longest, first << UInt64(min(failedRounds, 8)))
        failedRounds += 1
        return true
    }
}
