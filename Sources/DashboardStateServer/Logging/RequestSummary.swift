import Bytes
import DashboardState
import Tracing

/// What the log tells of a request.
struct RequestSummary {
    /// The place of its route in ``Route/labels``.
    var route: Int
    var method: Method
    var outcome: RequestOutcome
    /// What the problem is about.
    var field: String?
    /// Microseconds from arrival to answer.
    var duration: UInt64
    /// Microseconds that Redis took, where it was asked.
    var redisDuration: UInt64?
    var bytesIn: Int
    var bytesOut: Int
    /// Whose state it is about; `nil` where nobody knows.
    var names: IdentityNames.Names?
    /// Both ids themselves, where they are to be told.
    var ids: IDs?
    var traceID: TraceID?
    /// The web server's id of the request, where it is no trace's: hex digits.
    var requestID: [UInt8]?

    struct IDs: Equatable {
        var user: [UInt8]
        var workspace: [UInt8]

        init(user: [UInt8], workspace: [UInt8]) { (self.user, self.workspace) = (user, workspace) }

        init(_ identity: Identity) { (user, workspace) = (identity.user.copied, identity.workspace.copied) }
    }
}

/// Writes what the log tells of requests as lines. What they begin with is remembered: there are few beginnings.
struct RequestLines {
    private let style: LineStyle
    /// What stands between the time and the rest, by route, method and outcome; empty where it was not needed yet.
    private var beginnings = [[UInt8]](
        repeating: [],
        count: Route.labels.count * Method.allCases.count * RequestOutcome.count
    )
    /// The time up to its milliseconds, which are of this second since 1970.
    private var time: [UInt8] = []
    private var second = Int64.min

    init(_ style: LineStyle) { self.style = style }

    /// Writes a line, with its line feed.
    /// - Parameter milliseconds: the time, since 1970.
    @inline(__always)
    mutating func write(_ summary: borrowing RequestSummary, at milliseconds: Int64, _ line: inout ByteBuffer) {
        let isJSON = style.format == .json
        if !style.isJournal { writeTime(milliseconds, &line) }
        let series = summary.route &* Method.allCases.count &+ summary.method.rawValue
        let index = series &* RequestOutcome.count &+ summary.outcome.index
        if beginnings[index].isEmpty {
            beginnings[index] = style.beginning(of: summary.route, summary.method, summary.outcome)
        }
        line.append(beginnings[index])
        if let field = summary.field {
            line.append(isJSON ? #","field":"# : " field=")
            var text: [UInt8] = []
            if isJSON { text.append(quoted: field) } else { text.append(contentsOf: field.utf8) }
            line.append(text)
        }
        line.append(most: Self.mostOfMiddle) { start in
            var pieces = LinePieces(at: start)
            isJSON ? Self.putJSON(summary, &pieces) : Self.putText(summary, &pieces)
            return pieces.at
        }
        if let ids = summary.ids { append(ids, isJSON, &line) }
        if let requestID = summary.requestID {
            line.append(isJSON ? #","trace_id":""# : " trace_id=")
            line.append(requestID)
            if isJSON { line.append("\"") }
        }
        line.append(isJSON ? "}\n" : "\n")
    }

    /// Seven names of members, four numbers, two hashes, and the id of a trace.
    private static let mostOfMiddle = 7 * 16 + 4 * 20 + 2 * LinePieces.roomForName + 32

    @inline(__always)
    private static func putText(_ summary: borrowing RequestSummary, _ pieces: inout LinePieces) {
        pieces.put(" duration_us=")
        pieces.put(decimal: Int(truncatingIfNeeded: summary.duration))
        if let redisDuration = summary.redisDuration {
            pieces.put(" redis_us=")
            pieces.put(decimal: Int(truncatingIfNeeded: redisDuration))
        }
        pieces.put(" bytes_in=")
        pieces.put(decimal: summary.bytesIn)
        pieces.put(" bytes_out=")
        pieces.put(decimal: summary.bytesOut)
        if let names = summary.names {
            pieces.put(" user=")
            pieces.put(name: names.user)
            pieces.put(" workspace=")
            pieces.put(name: names.workspace)
        }
        guard let traceID = summary.traceID else { return }
        pieces.put(" trace_id=")
        pieces.put(traceID)
    }

    @inline(__always)
    private static func putJSON(_ summary: borrowing RequestSummary, _ pieces: inout LinePieces) {
        pieces.put(#","duration_us":"#)
        pieces.put(decimal: Int(truncatingIfNeeded: summary.duration))
        if let redisDuration = summary.redisDuration {
            pieces.put(#","redis_us":"#)
            pieces.put(decimal: Int(truncatingIfNeeded: redisDuration))
        }
        pieces.put(#","bytes_in":"#)
        pieces.put(decimal: summary.bytesIn)
        pieces.put(#","bytes_out":"#)
        pieces.put(decimal: summary.bytesOut)
        if let names = summary.names {
            pieces.put(#","user":""#)
            pieces.put(name: names.user)
            pieces.put(#"","workspace":""#)
            pieces.put(name: names.workspace)
            pieces.put("\"")
        }
        guard let traceID = summary.traceID else { return }
        pieces.put(#","trace_id":""#)
        pieces.put(traceID)
        pieces.put("\"")
    }

    private func append(_ ids: RequestSummary.IDs, _ isJSON: Bool, _ line: inout ByteBuffer) {
        var text: [UInt8] = []
        text.append(isJSON ? #","user_id":"# : " user_id=")
        ids.user.withUnsafeBufferPointer { text.append(quoted: $0) }
        text.append(isJSON ? #","workspace_id":"# : " workspace_id=")
        ids.workspace.withUnsafeBufferPointer { text.append(quoted: $0) }
        line.append(text)
    }

    @inline(__always)
    private mutating func writeTime(_ milliseconds: Int64, _ line: inout ByteBuffer) {
        if milliseconds < second || milliseconds >= second &+ 1000 { look(at: milliseconds) }
        line.append(time)
        line.append(most: 4) { start in
            Decimal.write(Int(truncatingIfNeeded: milliseconds &- second), 3, to: start)
            start.storeBytes(of: UInt8(ascii: "Z"), toByteOffset: 3, as: UInt8.self)
            return start + 4
        }
    }

    @inline(never)
    private mutating func look(at milliseconds: Int64) {
        second = milliseconds - ((milliseconds % 1000) + 1000) % 1000
        time.removeAll(keepingCapacity: true)
        if style.format == .json { time.append(#"{"time":""#) }
        Timestamp(milliseconds: second).append(to: &time)
        time.removeLast(4)
    }
}

extension LineStyle {
    /// What stands between the time and all that differs from request to request.
    fileprivate func beginning(of route: Int, _ method: Method, _ outcome: RequestOutcome) -> [UInt8] {
        // The one answer without content.
        let status = outcome == .answered && method == .options ? Status.noContent : outcome.status
        var line: [UInt8] = []
        switch format {
        case .text:
            line.append(isJournal ? "<6>info" : " info")
            line.append(" request route=")
            line.append(Route.labels[route])
            line.append(" method=")
            line.append(method.name)
            line.append(" status=")
            line.append(decimal: status.rawValue)
            line.append(" outcome=")
            line.append(outcome.label)
        case .json:
            line.append(isJournal ? #"<6>{"level":"info"# : #"","level":"info"#)
            line.append(#"","message":"request","route":""#)
            line.append(Route.labels[route])
            line.append(#"","method":""#)
            line.append(method.name)
            line.append(#"","status":"#)
            line.append(decimal: status.rawValue)
            line.append(#","outcome":""#)
            line.append(outcome.label)
            line.append("\"")
        }
        if let problem = outcome.problem {
            line.append(format == .json ? #","problem":""# : " problem=")
            line.append(contentsOf: problem.label.utf8)
            if format == .json { line.append("\"") }
        }
        return line
    }
}
