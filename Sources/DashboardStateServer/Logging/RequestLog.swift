import EventLoop
import FastCGI
import Logging

/// The lines that requests leave in the log: never an id, a key or a state. They are written with the next
/// ``LogOutput/flush()``.
struct RequestLog {
    private let logger: Logger
    /// Whether requests are logged at all, asked once rather than for each.
    let isEnabled: Bool

    init(_ logger: Logger) {
        self.logger = logger
        isEnabled = logger.logLevel <= .info
    }

    /// What is noted of a request until it is answered. Times are monotonic nanoseconds.
    struct Record {
        private let arrivedAt: UInt64
        private let bytesIn: Int
        private let traceID: [UInt8]?
        private var askedAt: UInt64?
        private var answeredAt: UInt64?

        init(_ request: Request, _ fields: RequestFields) {
            arrivedAt = request.arrivedAt
            bytesIn = request.body.byteCount
            traceID = fields.traceID
        }

        /// Redis is asked.
        mutating func asked() { if askedAt == nil { askedAt = Clock.monotonic() } }

        /// Redis has answered.
        mutating func answered() { answeredAt = Clock.monotonic() }

        fileprivate func summary(_ method: Method, _ status: Status, _ bytesOut: Int) -> RequestSummary {
            let now = Clock.monotonic()
            return RequestSummary(
                method: method,
                status: status,
                duration: (now - arrivedAt) / 1000,
                redisDuration: askedAt.flatMap { asked in answeredAt.map { ($0 - asked) / 1000 } },
                bytesIn: bytesIn,
                bytesOut: bytesOut,
                traceID: traceID
            )
        }
    }

    /// One line for a request.
    func request(_ record: Record, _ method: Method, _ status: Status, bytesOut: Int) {
        logger.info("request", metadata: ["request": .stringConvertible(record.summary(method, status, bytesOut))])
    }
}
