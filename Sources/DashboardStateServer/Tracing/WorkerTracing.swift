import EventLoop
import Glibc
import Logging
import Tracing

/// A worker's traces: what sends them, and what each loop needs for them.
final class WorkerTracing: Sendable {
    private let settings: TraceSettings
    private let exporter: SpanExporter
    private let texts: SpanTexts

    /// Starts the thread that sends spans.
    init(_ settings: TraceSettings, _ texts: SpanTexts, _ counts: SpanCounts, _ logger: Logger) throws(EventLoopError) {
        self.settings = settings
        self.texts = texts
        let source = SpanSource(
            resource: settings.resource,
            scope: ("dashboard-state", Version.text),
            schema: SpanTexts.schema
        )
        let url = settings.request.url
        exporter = try SpanExporter(settings.request, source, timeout: settings.timeout, counts) { event in
            switch event {
            case .failing(let reason):
                logger.warning(
                    "spans do not reach the collector, and are counted",
                    metadata: ["collector": "\(url)", "reason": "\(reason)"]
                )
            case .recovered:
                logger.notice(
                    "spans reach the collector again",
                    metadata: ["lost": "\(counts.failed + counts.dropped)"]
                )
            }
        }
    }

    /// The traces of a loop.
    func makeLoop() -> LoopTracer { LoopTracer(settings.sampler, exporter.queue, texts) }

    /// Longest time that the last spans have, in nanoseconds.
    private static let lastTry: UInt64 = 500_000_000

    /// Sends what there is left, once. To be called when the loops have ended.
    /// - Parameter end: monotonic nanoseconds at which the worker is to have ended.
    func stop(by end: UInt64) {
        let now = Clock.monotonic()
        exporter.stop(within: min(settings.timeout, Self.lastTry, end - min(now, end)))
    }
}
