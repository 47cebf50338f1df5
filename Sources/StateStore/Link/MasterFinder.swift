import EventLoop
import RESP

/// Finds the master for a loop's links by its sentinels, all of which it asks at once: before each connection, and each
/// second as well, as a master that was replaced may go on for a while without knowing it.
///
/// What the sentinels tell by themselves (`+switch-master`) only makes it ask at once.
final class MasterFinder {
    /// Nanoseconds that sentinels have to answer before those that have count.
    static let roundTime: UInt64 = 300_000_000
    /// Nanoseconds from one round to the next while there is a connection, and while there is none, or the sentinels do
    /// not agree yet.
    static let usualPause: UInt64 = 1_000_000_000
    static let urgentPause: UInt64 = 150_000_000
    /// Nanoseconds between two rounds at the least, whatever sentinels tell.
    static let leastPause: UInt64 = 20_000_000
    /// Longest that a sentinel may take for a connection, and for an answer, in nanoseconds.
    static let longestTimeout: UInt64 = 1_000_000_000

    private let topology: SentinelTopology
    private let loop: Loop
    private let log: SentinelLog
    private var sentinels: [Sentinel] = []
    /// The links that it leads; they live as long as it.
    private var links: [Link] = []
    private var votes: MasterVotes
    private var timer: LoopTimer?
    /// When those who have not answered are not waited for any more; `nil` where it is decided.
    private var roundEnd: UInt64?
    private var roundStart: UInt64 = 0
    /// When to ask again; never before the first link wants to know.
    private var nextRound = UInt64.max
    /// Something was heard, and not decided on.
    private var isNews = false
    /// Servers that links were sent to and that were of no use, while the sentinels do not agree.
    private var tried: [Endpoint.Address] = []

    /// `nil` where there are no sentinels.
    init?(_ server: RedisServer, _ loop: Loop, _ troubles: RedisTroubles) {
        guard case .sentinel(let topology) = server.topology else { return nil }
        self.topology = topology
        self.loop = loop
        log = SentinelLog(troubles, topology.masterName)
        votes = MasterVotes(sentinels: topology.seeds.count)
        for index in topology.seeds.indices {
            let sentinel = Sentinel(topology.seeds[index], server, loop)
            sentinel.onStatement = { [unowned self] in heard($0, from: index) }
            sentinel.onEvent = { [unowned self] in happened($0, at: index) }
            sentinel.onSwitch = { [unowned self] in if $0.masterName == topology.masterName { askSoon() } }
            sentinels.append(sentinel)
        }
        timer = loop.makeTimer {}
    }

    /// Tells a link where to connect from now on.
    func lead(_ link: Link) {
        links.append(link)
        link.onSeek = { [unowned self] in askSoon() }
    }

    /// Asks what is due, and tells links what was found. To be called before the loop waits.
    /// - Returns: whether links were told something, and have to be flushed.
    func flush() -> Bool {
        let now = loop.now
        if nextRound <= now { begin(now) }
        for sentinel in sentinels { sentinel.flush() }
        if let roundEnd, roundEnd <= now { isNews = true }
        let isTold = isNews
        if isNews { decide(now) }
        timer?.deadline = min(nextRound, roundEnd ?? .max)
        if timer?.deadline == .max { timer?.deadline = nil }
        return isTold
    }

    private func askSoon() { nextRound = min(nextRound, max(loop.now, roundStart + Self.leastPause)) }

    private func begin(_ now: UInt64) {
        votes.begin()
        roundStart = now
        roundEnd = now + Self.roundTime
        nextRound = now + Self.usualPause
        for sentinel in sentinels { sentinel.ask(topology.masterName, now) }
    }

    private func heard(_ statement: SentinelStatement, from index: Int) {
        votes.heard(statement, from: index)
        log.write(statement, of: topology.seeds[index])
        isNews = true
    }

    private func happened(_ event: Link.Event, at index: Int) {
        log.write(event, of: topology.seeds[index])
        // One that comes back may know what the others do not.
        if case .connected = event, !isContent { askSoon() }
    }

    /// Whether every link has its server.
    private var isContent: Bool { links.allSatisfy { $0.isReady || $0.isUnused } }

    private func decide(_ now: UInt64) {
        isNews = false
        let isOver = roundEnd.map { $0 <= now } ?? true
        switch votes.verdict(isOver: isOver) {
        case .open:
            // Whoever speaks next decides.
            if isOver { roundEnd = nil }
            return
        case .agreed(let address):
            tried = []
            for link in links { link.found(address, now: now) }
        case .disputed(let addresses):
            let seeking = links.filter(\.isSeeking)
            guard !seeking.isEmpty else { break }
            let address = next(of: addresses)
            for link in seeking { link.found(address, now: now) }
        case .unknown(let lack):
            for link in links { link.notFound(.noMaster(lack), now: now) }
        }
        roundEnd = nil
        if isContent { tried = [] }
        let isUrgent = !isContent || links.contains { votes.isOutdated($0.endpoint.address) }
        nextRound = min(nextRound, roundStart + (isUrgent ? Self.urgentPause : Self.usualPause))
        // A round that took long is not followed by another at once.
        nextRound = max(nextRound, now + Self.leastPause)
    }

    /// Each of them in turn, the likeliest first.
    private func next(of addresses: [Endpoint.Address]) -> Endpoint.Address {
        if addresses.allSatisfy(tried.contains) { tried = [] }
        let address = addresses.first { !tried.contains($0) } ?? addresses[0]
        tried.append(address)
        return address
    }
}
