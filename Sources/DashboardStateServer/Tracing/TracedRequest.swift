import DashboardState
import Tracing

/// What is noted of a request whose spans are recorded: its own, and that of its exchange with Redis. Never whose it is.
///
/// Unchecked: its loop changes it until it has ended and is handed over, and then lets go of it; from there on nobody does.
final class TracedRequest: SpanRecord, @unchecked Sendable {
    let traceID: TraceID
    let spanID: SpanID
    /// The caller's span.
    let parent: SpanID?
    let traceState: [UInt8]?
    /// What the web server calls itself.
    let host: [UInt8]?
    let port: Int?
    let isTLS: Bool
    /// Monotonic nanoseconds, as all times here.
    let arrivedAt: UInt64
    private let texts: SpanTexts
    // Unchecked: nothing calls back into it while one of these changes.
    @exclusivity(unchecked) var endedAt: UInt64 = 0

    /// The span of Redis; `nil` where it was not asked.
    @exclusivity(unchecked) var redisSpanID: SpanID?
    @exclusivity(unchecked) var command = RequestFacts.Command.get
    @exclusivity(unchecked) var askedAt: UInt64 = 0
    @exclusivity(unchecked) var answeredAt: UInt64 = 0
    @exclusivity(unchecked) var failure: StoreFailure.Meaning?

    @exclusivity(unchecked) var method = Method.other
    @exclusivity(unchecked) var route: Route?
    @exclusivity(unchecked) var outcome = RequestOutcome.answered

    /// - Parameter names: where `fields` has what only spans tell.
    init(
        _ traceID: TraceID,
        _ spanID: SpanID,
        _ parent: TraceParent?,
        _ fields: RequestFields,
        _ names: borrowing RequestFields.Names,
        host: [UInt8]?,
        at now: UInt64,
        _ texts: SpanTexts
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parent = parent?.spanID
        self.traceState = parent == nil ? nil : fields.traceState(names)
        self.host = host
        port = fields.serverPort(names)
        isTLS = fields.isTLS(names)
        arrivedAt = now
        self.texts = texts
    }

    var spanCount: Int { redisSpanID == nil ? 1 : 2 }

    func write(_ offset: UInt64, to document: inout SpanDocument) { texts.write(self, offset, &document) }
}
