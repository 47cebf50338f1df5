import Bytes
import DashboardState
import EventLoop
import Glibc
import Tracing

/// Decides which of a loop's requests are traced, and notes what there is to say of them.
final class LoopTracer {
    private let sampler: Sampler
    private let queue: SpanQueue
    private let texts: SpanTexts
    // Unchecked: one loop's, and nothing calls back while one of these changes.
    @exclusivity(unchecked) private var ids = IDGenerator()
    @exclusivity(unchecked) private var ended: [any SpanRecord] = []
    /// What the web server called itself lately, which is nearly always the same.
    @exclusivity(unchecked) private var host: [UInt8] = []

    init(_ sampler: Sampler, _ queue: SpanQueue, _ texts: SpanTexts) {
        self.sampler = sampler
        self.queue = queue
        self.texts = texts
    }

    deinit { queue.offer(&ended, waits: true) }

    /// Longest name of a host that is kept, in bytes (RFC 1035, section 2.3.4).
    private static let longestHost = 255

    /// A request has come.
    /// - Parameter now: monotonic nanoseconds at which that was.
    /// - Returns: its trace, and what is noted where it is traced.
    func begin(
        _ fields: RequestFields,
        _ names: borrowing RequestFields.Names,
        at now: UInt64
    ) -> (TraceID, TracedRequest?) {
        let parent = fields.traceParent
        let traceID = parent?.traceID ?? fields.requestID ?? ids.traceID()
        guard sampler.samples(traceID, parent: parent) else { return (traceID, nil) }
        let host = known(RawSpan(orEmpty: fields.serverName(names)))
        return (traceID, TracedRequest(traceID, ids.spanID(), parent, fields, names, host: host, at: now, texts))
    }

    private func known(_ name: RawSpan) -> [UInt8]? {
        let count = name.byteCount
        guard count > 0, count <= Self.longestHost else { return nil }
        func isKnown(_ name: UnsafeRawBufferPointer) -> Bool {
            host.withUnsafeBytes { memcmp(name.baseAddress!, $0.baseAddress!, count) == 0 }
        }
        if count != host.count || !name.withUnsafeBytes(isKnown) {
            let copy = name.copied
            guard copy.allSatisfy(Self.isOfHost) else { return nil }
            host = copy
        }
        return host
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        Decimal.isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._:[]".utf8.contains(byte)
    }

    /// Redis is asked.
    func asks(_ command: RequestFacts.Command, for request: TracedRequest) {
        guard request.redisSpanID == nil else { return }
        request.redisSpanID = ids.spanID()
        request.command = command
        request.askedAt = Clock.monotonic()
    }

    /// The request is answered.
    func end(_ request: TracedRequest, _ facts: RequestFacts, _ outcome: RequestOutcome) {
        request.endedAt = Clock.monotonic()
        request.method = facts.method
        request.route = facts.route
        request.outcome = outcome
        ended.append(request)
    }

    /// Hands over what has ended. To be called before the loop waits.
    func flush() { if !ended.isEmpty { queue.offer(&ended) } }
}
