import EventLoop
import Metrics

/// What all loops have counted together, at one moment.
struct CountsTotal {
    private typealias Layout = LoopCounts.Layout
    private let numbers: [UInt64]
    /// The share of the busiest identity in the requests of the last minute.
    let busiestRatio: Double

    init(_ loops: [LoopCounts]) {
        numbers = (0..<Layout.count).map { index in loops.reduce(0) { $0 + $1.counters[index] } }
        busiestRatio = IdentityCounts.busiestRatio(loops.map(\.identities), at: Clock.monotonic())
    }

    /// Requests that are answered.
    func requests(_ route: Int, _ method: Method, _ outcome: RequestOutcome) -> UInt64 {
        let series = route * Layout.methods + method.rawValue
        return numbers[Layout.requests + series * RequestOutcome.count + outcome.index]
    }

    /// Likewise, whatever their routes and, unless one is given, methods.
    func requests(_ outcome: RequestOutcome, _ methods: [Method] = Method.allCases) -> UInt64 {
        (0..<Layout.routes).reduce(0) { sum, route in
            sum + methods.reduce(0) { $0 + requests(route, $1, outcome) }
        }
    }

    /// Requests that wait for their answers.
    var open: UInt64 {
        let answered = numbers[Layout.requests..<Layout.begun].reduce(0, +)
        return numbers[Layout.begun] - min(answered, numbers[Layout.begun])
    }

    /// A histogram: its buckets, and its sum.
    struct Histogram {
        let counts: [UInt64]
        let sum: UInt64
        /// Whether nothing was counted.
        var isEmpty: Bool { counts.allSatisfy { $0 == 0 } }

        static func + (one: Histogram, other: Histogram) -> Histogram {
            Histogram(counts: zip(one.counts, other.counts).map { $0 + $1 }, sum: one.sum + other.sum)
        }
    }

    private func histogram(_ at: Int, _ size: Int) -> Histogram {
        Histogram(counts: Array(numbers[at..<(at + size - 1)]), sum: numbers[at + size - 1])
    }

    func durations(_ route: Int, _ method: Method) -> Histogram {
        let series = route * Layout.methods + method.rawValue
        return histogram(Layout.durations + series * Layout.durationSize, Layout.durationSize)
    }

    func redisDurations(_ command: RequestFacts.Command) -> Histogram {
        histogram(Layout.redisDurations + command.rawValue * Layout.durationSize, Layout.durationSize)
    }

    var requestSizes: Histogram { histogram(Layout.requestSizes, Layout.sizeSize) }
    var responseSizes: Histogram { readSizes + histogram(Layout.otherResponseSizes, Layout.sizeSize) }
    var documentSizes: Histogram { readSizes + histogram(Layout.otherDocumentSizes, Layout.sizeSize) }
    private var readSizes: Histogram { histogram(Layout.readSizes, Layout.sizeSize) }
    var ages: Histogram { histogram(Layout.ages, Layout.ageSize) }
}
