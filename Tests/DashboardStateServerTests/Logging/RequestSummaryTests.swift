import Foundation
import Testing

@testable import DashboardStateServer

/// What the log tells of a request.
struct RequestSummaryTests {
    private let whole = RequestSummary(
        method: .post,
        status: .insufficientStorage,
        duration: 1234,
        redisDuration: 56,
        bytesIn: 7,
        bytesOut: 8,
        traceID: Array("0af7".utf8)
    )

    @Test func asPairs() {
        let pairs = "method=POST status=507 duration_us=1234 redis_us=56 bytes_in=7 bytes_out=8 trace_id=0af7"
        #expect("\(whole)" == pairs)
        var short = whole
        short.redisDuration = nil
        short.traceID = nil
        #expect("\(short)" == "method=POST status=507 duration_us=1234 bytes_in=7 bytes_out=8")
    }

    @Test func asJSON() throws {
        for hasAll in [true, false] {
            var summary = whole
            if !hasAll { (summary.redisDuration, summary.traceID) = (nil, nil) }
            var line = Array(#"{"message":"request""#.utf8)
            summary.append(to: &line, .json)
            let object = try JSONDecoder().decode([String: String].self, from: Data(line + Array("}".utf8)))
            let pairs = "message=request \(summary)".split(separator: " ").map {
                $0.split(separator: "=").map(String.init)
            }
            #expect(object == Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) }))
        }
    }

    @Test func linesAboutLostOnes() throws {
        let text = String(decoding: LineLogHandler.lineAboutLoss(3, .text), as: UTF8.self)
        #expect(text.hasSuffix("Z warning log lines were lost, as standard error did not take them count=3"))
        let json = LineLogHandler.lineAboutLoss(3, .json)
        let object = try JSONDecoder().decode([String: String].self, from: Data(json))
        #expect(object["level"] == "warning" && object["count"] == "3")
    }
}
