import Bytes
import Foundation
import Testing
import Tracing

@testable import DashboardStateServer

/// What the log tells of a request.
struct RequestSummaryTests {
    private static let text = LineStyle(format: .text, isJournal: false)
    private static let json = LineStyle(format: .json, isJournal: false)
    /// 2026-11-26T22:44:05.067Z.
    private static let time: Int64 = 1_795_733_045_067

    private let whole = RequestSummary(
        route: 0,
        method: .post,
        outcome: .problem(.invalidBody),
        field: "version",
        duration: 1234,
        redisDuration: 56,
        bytesIn: 7,
        bytesOut: 8,
        names: IdentityNames.Names(user: 0x0123_4567_89AB, workspace: 0xCDEF),
        ids: nil,
        traceID: TraceID(high: 0x0AF7_6519_16CD_43DD, low: 0x8448_EB21_1C80_319C),
        requestID: nil
    )
    private var short: RequestSummary {
        var summary = whole
        (summary.outcome, summary.field, summary.redisDuration) = (.hit, nil, nil)
        (summary.names, summary.traceID) = (nil, nil)
        return summary
    }

    private func lines(_ style: LineStyle, _ requests: [(RequestSummary, Int64)]) -> [String] {
        var lines = RequestLines(style)
        var buffer = ByteBuffer()
        for (summary, time) in requests { lines.write(summary, at: time, &buffer) }
        return String(decoding: buffer.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    @Test func asPairs() {
        let told = lines(Self.text, [(whole, Self.time), (short, Self.time + 933), (short, -1)])
        #expect(
            told == [
                """
                2026-11-26T22:44:05.067Z info request route=state method=POST status=400 outcome=rejected \
                problem=invalid-body field=version duration_us=1234 redis_us=56 bytes_in=7 bytes_out=8 user=0123456789ab \
                workspace=00000000cdef trace_id=0af7651916cd43dd8448eb211c80319c
                """,
                """
                2026-11-26T22:44:06.000Z info request route=state method=POST status=200 outcome=hit duration_us=1234 \
                bytes_in=7 bytes_out=8
                """,
                """
                1969-12-31T23:59:59.999Z info request route=state method=POST status=200 outcome=hit duration_us=1234 \
                bytes_in=7 bytes_out=8
                """,
            ]
        )
    }

    @Test func theJournalHasThePriorityInThePlaceOfTheTime() throws {
        let text = LineStyle(format: .text, isJournal: true)
        #expect(lines(text, [(short, 0)])[0].hasPrefix("<6>info request route=state "))
        let line = lines(LineStyle(format: .json, isJournal: true), [(short, 0)])[0]
        #expect(line.hasPrefix(#"<6>{"level":"info","message":"request","#))
        #expect(try object(String(line.dropFirst(3)))["time"] == nil)
        var begun: [UInt8] = []
        text.begin(.error, "a b", at: 0, &begun)
        text.end(&begun)
        #expect(String(decoding: begun, as: UTF8.self) == "<3>error a b")
    }

    private func object(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func asJSONItIsTheSameAndNumbersAreNumbers() throws {
        for summary in [whole, short] {
            let line = try object(lines(Self.json, [(summary, Self.time)])[0])
            for name in ["status", "duration_us", "redis_us", "bytes_in", "bytes_out"] {
                #expect(line[name] == nil || line[name] is Int, "\(name)")
            }
            let pairs = lines(Self.text, [(summary, Self.time)])[0].split(separator: " ").dropFirst(3).map {
                $0.split(separator: "=").map(String.init)
            }
            let told = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
            let rest = line.filter { !["time", "level", "message"].contains($0.key) }.mapValues { "\($0)" }
            #expect(rest == told)
            #expect(line["time"] as? String == "2026-11-26T22:44:05.067Z" && line["message"] as? String == "request")
        }
    }

    @Test func whatTheWebServerCallsARequestStandsInForATrace() throws {
        var summary = short
        summary.requestID = Array("0123456789abcdef01".utf8)
        #expect(lines(Self.text, [(summary, 0)])[0].hasSuffix(" bytes_out=8 trace_id=0123456789abcdef01"))
        #expect(try object(lines(Self.json, [(summary, 0)])[0])["trace_id"] as? String == "0123456789abcdef01")
    }

    @Test func idsAreQuotedWhateverTheyAre() throws {
        var summary = short
        let forwarded: [[UInt8]] = [Array("a \"b\"=c".utf8), Array("w\u{fc}".utf8)]
        summary.ids = RequestSummary.IDs(user: forwarded[0], workspace: forwarded[1])
        #expect(lines(Self.text, [(summary, 0)])[0].hasSuffix(#" user_id="a \"b\"=c" workspace_id="wü""#))
        let line = try object(lines(Self.json, [(summary, 0)])[0])
        #expect(line["user_id"] as? String == "a \"b\"=c" && line["workspace_id"] as? String == "wü")
    }

    @Test func theLargestNumbersHaveRoom() throws {
        var summary = whole
        (summary.duration, summary.redisDuration) = (UInt64(Int.max), UInt64(Int.max))
        (summary.bytesIn, summary.bytesOut) = (.max, .max)
        for style in [Self.text, Self.json] {
            let line = lines(style, [(summary, Self.time)])[0]
            #expect(line.split(separator: "\(Int.max)", omittingEmptySubsequences: false).count == 5)
        }
    }

    @Test func everyBeginningIsThatOfItsRequest() throws {
        for (route, label) in Route.labels.enumerated() {
            for method in Method.allCases {
                for outcome in RequestOutcome.all {
                    var summary = short
                    (summary.route, summary.method, summary.outcome) = (route, method, outcome)
                    let line = try object(lines(Self.json, [(summary, Self.time)])[0])
                    let isEmpty = method == .options && outcome == .answered
                    #expect(line["status"] as? Int == (isEmpty ? 204 : outcome.status.rawValue))
                    #expect(line["problem"] as? String == outcome.problem?.label)
                    #expect(line["route"] as? String == "\(label)" && line["method"] as? String == "\(method.name)")
                }
            }
        }
    }

    @Test func linesAboutLostOnes() throws {
        let text = String(decoding: LineLogHandler.line(about: .notTaken, 3, Self.text), as: UTF8.self)
        #expect(text.hasSuffix("Z warning log lines were lost, as standard error did not take them count=3"))
        let json = LineLogHandler.line(about: .leftOut, 3, Self.json)
        let line = try object(String(decoding: json, as: UTF8.self))
        #expect(line["level"] as? String == "warning" && line["count"] as? Int == 3)
    }
}
