import TestSupport
import Testing

@testable import FastCGI

struct RecordReaderTests {
    private let params = [
        ("REQUEST_METHOD", "POST"), ("REMOTE_USER", ""), ("LONG", String(repeating: "x", count: 300)),
    ]
    private let body = Array("{\"version\":1}".utf8)

    /// What a reader makes of bytes that arrive in pieces of this size.
    private struct Outcome: Equatable {
        var params: [UInt8] = []
        var body: [UInt8] = []
        var last = RecordReader.Piece.more
        var left = 0
    }

    private func read(_ bytes: [UInt8], by size: Int = .max) -> Outcome {
        var reader = RecordReader()
        var outcome = Outcome()
        var pending: [UInt8] = []
        var next = 0
        repeat {
            let end = min(bytes.count, next + min(size, bytes.count))
            pending += bytes[next..<end]
            next = end
            var at = 0
            pieces: while true {
                let piece = pending.withUnsafeBytes { reader.next($0, &at) }
                switch piece {
                case .params(let range): outcome.params += pending[range]
                case .body(let range): outcome.body += pending[range]
                case .more: break pieces
                case .end, .refused:
                    outcome.last = piece
                    outcome.left = bytes.count - next + pending.count - at
                    return outcome
                }
            }
            pending.removeFirst(at)
        } while next < bytes.count
        return outcome
    }

    @Test(arguments: [1, 2, 3, 7, 8, 9, 64, 1000])
    func requestsMayArriveInAnyPieces(size: Int) {
        let request =
            FastCGIRecords.begin() + FastCGIRecords.stream(4, FastCGIRecords.pairs(params), chunk: 50)
            + FastCGIRecords.stream(5, body, chunk: 4)
        let whole = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end)
        #expect(read(request, by: size) == whole)
        // What follows is left alone.
        #expect(read(request + [1, 2, 3]).left == 3)
    }

    @Test func nothingIsCompleteBeforeItsEnd() {
        let request = FastCGIRecords.request(params, body: body)
        for length in 0..<request.count {
            #expect(read(Array(request[..<length])).last == .more, "\(length) of \(request.count) bytes")
        }
        #expect(read(request).last == .end)
    }

    @Test func theBeginningIsUnderstood() {
        var reader = RecordReader()
        var at = 0
        let request = FastCGIRecords.begin(id: 258, role: 3, keep: true)
        _ = request.withUnsafeBytes { reader.next($0, &at) }
        #expect(reader.id == 258 && reader.role == 3 && reader.keepsConnection && at == 16)
    }

    @Test(arguments: [1, 5, 1000])
    func paddingIsSkipped(size: Int) {
        let request =
            FastCGIRecords.begin() + FastCGIRecords.record(4, FastCGIRecords.pairs(params), padding: 5)
            + FastCGIRecords.record(4, padding: 7) + FastCGIRecords.record(5, body, padding: 3)
            + FastCGIRecords.record(5, padding: 200)
        let whole = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end)
        #expect(read(request, by: size) == whole)
        #expect(read(request.dropLast(1)).last == .more)
    }

    @Test func whatNoWebServerSendsIsRefused() {
        let begin = FastCGIRecords.begin()
        let head = begin + FastCGIRecords.stream(4, FastCGIRecords.pairs(params))
        #expect(read(Array("GET / HTTP/1.1\r\n".utf8)).last == .refused(.notVersion1))
        #expect(read(FastCGIRecords.record(9, id: 0, [0, 0, 0, 0, 0, 0, 0, 0])).last == .refused(.unexpectedRecord))
        #expect(read(FastCGIRecords.record(4, [0, 0, 0, 0, 0, 0, 0, 0])).last == .refused(.unexpectedRecord))
        #expect(read(FastCGIRecords.record(1, [0, 1, 0, 0, 0, 0, 0, 0, 0])).last == .refused(.malformedBegin))
        #expect(read(FastCGIRecords.begin(id: 0)).last == .refused(.malformedBegin))
        #expect(read(begin + FastCGIRecords.begin(id: 2)).last == .refused(.unexpectedRecord))
        #expect(read(begin + FastCGIRecords.record(4, id: 2)).last == .refused(.otherRequest))
        #expect(read(begin + FastCGIRecords.record(5)).last == .refused(.unexpectedRecord))
        #expect(read(head + FastCGIRecords.record(5, id: 2, body)).last == .refused(.otherRequest))
        #expect(read(head + FastCGIRecords.record(2)).last == .refused(.aborted))
        let long = FastCGIRecords.stream(4, [UInt8](repeating: 1, count: RecordReader.longestParams + 1))
        #expect(read(begin + long).last == .refused(.paramsTooLong))
    }

    @Test func randomBytesAreReadWithoutHarm() {
        var random = SeededGenerator(seed: 7)
        let request = FastCGIRecords.request(params, body: body)
        for _ in 0..<20_000 {
            var bytes = request
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let cut = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            let size = Int.random(in: 1...100, using: &random)
            #expect(read(cut) == read(cut, by: size))
        }
    }
}
