import DashboardState
import EventLoop
import Metrics

/// Counts a loop's requests. Time is the loop's own, which is read once for each batch of events: what a request took ends
/// with the batch in which it was answered beginning, and only where Redis was not asked the clock is looked at.
final class LoopMetrics {
    private typealias Layout = LoopCounts.Layout

    let counts: LoopCounts
    // All of them once, as each request uses them.
    private let counters: Counters
    private let identities: IdentityCounts
    private let durations = LoopCounts.Scales.durations.lookUp
    private let sizes = LoopCounts.Scales.sizes.lookUp
    private let ages = LoopCounts.Scales.ages.lookUp
    private let hash: IdentityHash
    private let loop: Loop
    // Unchecked: one loop's, and nothing calls back while one of these changes.
    @exclusivity(unchecked) private var place = IdentityCounts.Place()
    /// What the monotonic clock's nanoseconds were before it began, by the other clock, in milliseconds; looked up once a
    /// second.
    @exclusivity(unchecked) private var beginning: Int64 = 0
    @exclusivity(unchecked) private var lookAt: UInt64 = 0
    /// Documents that were read.
    @exclusivity(unchecked) private var reads: UInt64 = 0

    init(_ counts: LoopCounts, _ hash: IdentityHash, _ loop: Loop) {
        self.counts = counts
        counters = counts.counters
        identities = counts.identities
        self.hash = hash
        self.loop = loop
    }

    /// Monotonic nanoseconds of the batch in hand.
    var now: UInt64 { loop.now }

    /// A request has come.
    func began() { counters.add(at: Layout.begun) }

    /// A request is for this user and workspace.
    @inline(__always)
    func count(_ identity: Identity, at now: UInt64) {
        identities.add(hash(identity.user, identity.workspace), at: now, &place)
    }

    /// Of so many documents the age of one is counted: to tell it takes as long as all the rest.
    static var agesApart: UInt64 { 8 }

    /// A document with this time was read.
    @inline(__always)
    func noteAge(of lastModified: RawSpan) {
        reads &+= 1
        if reads & (Self.agesApart - 1) == 1 { countAge(of: lastModified) }
    }

    @inline(never)
    private func countAge(of lastModified: RawSpan) {
        guard let written = DocumentTime.milliseconds(lastModified) else { return }
        let now = loop.now
        if now >= lookAt {
            lookAt = now + 1_000_000_000
            beginning = Clock.unixMilliseconds() - Int64(now / 1_000_000)
        }
        let age = UInt64(max(0, beginning + Int64(now / 1_000_000) - written))
        counters.add(at: Layout.ages + ages.index(age))
        counters.add(age, at: Layout.ages + Layout.ageSize - 1)
    }

    /// A request is answered.
    func observe(_ request: RequestFacts, _ outcome: RequestOutcome, bytesOut: Int) {
        let counters = counters
        let route = request.route.map(\.index) ?? Layout.routes - 1
        let series = route &* Layout.methods &+ request.method.rawValue
        counters.add(at: Layout.requests &+ series &* RequestOutcome.count &+ outcome.index)

        let now = request.command == nil ? Clock.monotonic() : loop.now
        let duration = now &- min(request.arrivedAt, now)
        let bucket = durations.index(duration)
        let durationAt = Layout.durations &+ series &* Layout.durationSize
        counters.add(at: durationAt &+ bucket)
        counters.add(duration, at: durationAt &+ Layout.durationSize &- 1)
        if let command = request.command {
            let at = Layout.redisDurations &+ command.rawValue &* Layout.durationSize
            // Most requests arrive whole, and Redis is asked in the same batch.
            let isSame = request.askedAt == request.arrivedAt
            let redis = isSame ? duration : now &- min(request.askedAt, now)
            counters.add(at: at &+ (isSame ? bucket : durations.index(redis)))
            counters.add(redis, at: at &+ Layout.durationSize &- 1)
        }

        if request.bytesIn > 0 { countSize(request.bytesIn, Layout.requestSizes) }
        guard outcome != .hit || bytesOut == 0 else { return countSize(bytesOut, Layout.readSizes) }
        countSize(bytesOut, Layout.otherResponseSizes)
        if request.documentSize > 0 { countSize(request.documentSize, Layout.otherDocumentSizes) }
    }

    /// A request broke off. How long it took says nothing of the service.
    func countBrokenOff(_ request: RequestFacts) {
        let route = request.route.map(\.index) ?? Layout.routes - 1
        let series = route &* Layout.methods &+ request.method.rawValue
        counters.add(at: Layout.requests &+ series &* RequestOutcome.count &+ RequestOutcome.clientGone.index)
    }

    @inline(__always)
    private func countSize(_ bytes: Int, _ at: Int) {
        let bytes = UInt64(bitPattern: Int64(bytes))
        counters.add(at: at &+ sizes.index(bytes))
        counters.add(bytes, at: at &+ Layout.sizeSize &- 1)
    }
}

extension Route {
    /// What metrics and the log call them, and at last all other paths.
    static let labels: [StaticString] = ["state", "healthz", "readyz", "other"]

    /// The place of its numbers.
    var index: Int {
        switch self {
        case .state: 0
        case .health: 1
        case .readiness: 2
        }
    }
}
