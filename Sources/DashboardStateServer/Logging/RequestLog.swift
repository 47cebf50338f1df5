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

    /// One line for a request. Times are in nanoseconds, and logged in microseconds.
    func request(
        _ method: Method,
        _ status: Status,
        took: UInt64,
        redisTook: UInt64?,
        bytesIn: Int,
        bytesOut: Int,
        traceID: [UInt8]?
    ) {
        var metadata: Logger.Metadata = [
            "method": "\(method.name)",
            "status": "\(status.rawValue)",
            "duration_us": "\(took / 1000)",
            "bytes_in": "\(bytesIn)",
            "bytes_out": "\(bytesOut)",
        ]
        if let redisTook { metadata["redis_us"] = "\(redisTook / 1000)" }
        if let traceID { metadata["trace_id"] = "\(String(decoding: traceID, as: UTF8.self))" }
        logger.info("request", metadata: metadata)
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
