import Bytes

/// What the log tells of a request: one value to swift-log, since a dictionary of strings would take longer to make than
/// the request took to answer.
struct RequestSummary: CustomStringConvertible, Sendable {
    var method: Method
    var status: Status
    /// Microseconds from arrival to answer.
    var duration: UInt64
    /// Microseconds that Redis took, where it was asked.
    var redisDuration: UInt64?
    var bytesIn: Int
    var bytesOut: Int
    /// Hex digits.
    var traceID: [UInt8]?

    /// As `key=value` pairs.
    var description: String {
        var text: [UInt8] = []
        append(to: &text, .text)
        return String(decoding: text.dropFirst(), as: UTF8.self)
    }

    /// Appends its members to a line that has some already.
    func append(to line: inout [UInt8], _ format: LogFormat) {
        func key(_ text: StaticString, _ json: StaticString) { line.append(format == .json ? json : text) }
        key(" method=", #","method":""#)
        line.append(method.name)
        key(" status=", #"","status":""#)
        line.append(decimal: status.rawValue)
        key(" duration_us=", #"","duration_us":""#)
        line.append(decimal: Int(duration))
        if let redisDuration {
            key(" redis_us=", #"","redis_us":""#)
            line.append(decimal: Int(redisDuration))
        }
        key(" bytes_in=", #"","bytes_in":""#)
        line.append(decimal: bytesIn)
        key(" bytes_out=", #"","bytes_out":""#)
        line.append(decimal: bytesOut)
        if let traceID {
            key(" trace_id=", #"","trace_id":""#)
            line.append(contentsOf: traceID)
        }
        key("", #"""#)
    }
}
