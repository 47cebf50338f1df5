import TestSupport
import Testing

@testable import FastCGI

struct ArrivalTests {
    private let params = [
        ("REQUEST_METHOD", "POST"), ("REMOTE_USER", ""), ("LONG", String(repeating: "x", count: 300)),
    ]
    private let body = Array("{\"version\":1}".utf8)

    @Test func everyTruncationOfARequestIsRecognised() {
        let request = FastCGIRecords.request(params, body: body)
        let headLength = FastCGIRecords.begin().count + FastCGIRecords.stream(4, FastCGIRecords.pairs(params)).count
        for length in 0...request.count {
            let expected: Arrival = length == request.count ? .whole : length < headLength ? .partial : .head
            #expect(judge(Array(request[..<length])) == expected, "\(length) of \(request.count) bytes")
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func paramsMayBeCutAnywhere(chunk: Int) {
        let request =
            FastCGIRecords.begin() + FastCGIRecords.stream(4, FastCGIRecords.pairs(params), chunk: chunk)
            + FastCGIRecords.stream(5, body, chunk: chunk)
        #expect(judge(request) == .whole)
    }

    @Test func paddingIsSkipped() {
        let request =
            FastCGIRecords.begin() + FastCGIRecords.record(4, FastCGIRecords.pairs(params), padding: 5)
            + FastCGIRecords.record(4) + FastCGIRecords.record(5, body, padding: 3) + FastCGIRecords.record(5)
        #expect(judge(request) == .whole)
        #expect(judge(request.dropLast(9)) == .head)
    }

    @Test func anAbortInTheBodyIsLeftToTheReader() {
        let head = FastCGIRecords.begin() + FastCGIRecords.stream(4, FastCGIRecords.pairs(params))
        #expect(judge(head + FastCGIRecords.record(2)) == .head)
    }

    @Test func whatNoWebServerSendsIsRefused() {
        let begin = FastCGIRecords.begin()
        #expect(judge([0x47, 0x45, 0x54, 0x20, 0x2F, 0x20, 0x48, 0x54]) == .refused(.notVersion1))
        #expect(judge(FastCGIRecords.record(9, id: 0, [0, 0])) == .refused(.unexpectedRecord))
        #expect(judge(FastCGIRecords.record(4)) == .refused(.unexpectedRecord))
        #expect(judge(FastCGIRecords.record(1, [0, 1, 0])) == .refused(.malformedBegin))
        #expect(judge(FastCGIRecords.record(1, id: 0, [0, 1, 0, 0, 0, 0, 0, 0])) == .refused(.malformedBegin))
        #expect(judge(begin + FastCGIRecords.begin(id: 2)) == .refused(.unexpectedRecord))
        #expect(judge(begin + FastCGIRecords.record(4, id: 2)) == .refused(.otherRequest))
        #expect(judge(begin + FastCGIRecords.record(5)) == .refused(.unexpectedRecord))
    }

    /// Each of these crashes libfcgi or has it read something else than was sent.
    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x80, 0x01, 0x00, 0x00, 0x01],
            [0x00, 0x01, 0x41],
            [0x03, 0x01, 0x41, 0x3D, 0x42, 0x43],
            [0x02, 0x01, 0x41, 0x00, 0x43],
            [0x01, 0x02, 0x41, 0x43, 0x00],
        ] as [[UInt8]]
    )
    func hostileParamsAreRefused(content: [UInt8]) {
        let request = FastCGIRecords.begin() + FastCGIRecords.stream(4, content) + FastCGIRecords.record(5)
        #expect(judge(request) == .refused(.malformedParams))
    }

    @Test func absurdLengthsAreRefusedBeforeTheRestHasCome() {
        let begun = FastCGIRecords.record(4, [0x80, 0x01, 0x00, 0x00])
        #expect(judge(FastCGIRecords.begin() + begun) == .refused(.malformedParams))
        #expect(judge(FastCGIRecords.begin() + FastCGIRecords.record(4, [0x80, 0x00, 0xFF, 0xFF])) == .partial)
    }

    @Test func paramsThatEndInsideAPairAreRefused() {
        let request = FastCGIRecords.begin() + FastCGIRecords.stream(4, [4, 4, 0x41, 0x42]) + FastCGIRecords.record(5)
        #expect(judge(request) == .refused(.malformedParams))
    }

    @Test func randomBytesAreJudgedWithoutHarm() {
        var random = SeededGenerator(seed: 7)
        let request = FastCGIRecords.request(params, body: body)
        for _ in 0..<20_000 {
            var bytes = request
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = judge(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
        }
    }

    private func judge(_ bytes: [UInt8]) -> Arrival { bytes.withUnsafeBytes { Arrival.judge($0) } }
}
