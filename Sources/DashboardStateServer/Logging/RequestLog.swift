import EventLoop
import FastCGI
import Logging

/// The lines that requests leave in the log: never an id, a key or a state.
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
            bytesIn = request.body.count
            traceID = fields.traceID.map { [UInt8]($0) }
        }

        /// Redis is asked.
        mutating func asked() { if askedAt == nil { askedAt = Clock.monotonic() } }

        /// Redis has answered.
        mutating func answered() { answeredAt = Clock.monotonic() }

        fileprivate func metadata(_ method: Method, _ status: Status, _ bytesOut: Int) -> Logger.Metadata {
            var metadata: Logger.Metadata = [
                "method": "\(method.name)",
                "status": "\(status.rawValue)",
                "duration_us": "\((Clock.monotonic() - arrivedAt) / 1000)",
                "bytes_in": "\(bytesIn)",
                "bytes_out": "\(bytesOut)",
            ]
            if let askedAt, let answeredAt { metadata["redis_us"] = "\((answeredAt - askedAt) / 1000)" }
            if let traceID { metadata["trace_id"] = "\(String(decoding: traceID, as: UTF8.self))" }
            return metadata
        }
    }

    /// One line for a request.
    func request(_ record: Record, _ method: Method, _ status: Status, bytesOut: Int) {
        logger.info("request", metadata: record.metadata(method, status, bytesOut))
    }

    /// Redis answered with an error. Only its code is logged: the text may quote a key.
    func redisError(_ code: UnsafeRawBufferPointer) {
        logger.error("Redis refused a command", metadata: ["code": "\(String(decoding: code, as: UTF8.self))"])
    }

    /// A key holds something that is no document.
    func unusableDocument() { logger.warning("a stored value is not a document, and counts as nothing stored") }

    /// A script answered something that no script of this version answers.
    func unintelligibleReply() { logger.error("Redis gave an answer that is not understood") }
}
