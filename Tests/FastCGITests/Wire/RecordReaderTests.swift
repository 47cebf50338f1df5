import SwiftSupport
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
        var notices: [RecordReader.Notice] = []
        /// Of ``RecordReader/Notice/values(_:)``.
        var values: [UInt8] = []
        var last = RecordReader.Piece.more
        var left = 0
        var id: UInt16 = 0
        var hasTooManyParams = false
    }

    private func read(
        _ bytes: [UInt8],
        by size: Int = .max,
        _ start: RecordReader = RecordReader()
    ) -> Outcome {
        var reader = start
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
                case .notice(.values(let range)):
                    // Where it lies hangs on the pieces.
                    outcome.notices.append(.values(0..<range.count))
                    outcome.values = Array(pending[range])
                case .notice(let notice): outcome.notices.append(notice)
                case .more: break pieces
                case .end, .endless, .refused:
                    outcome.last = piece
                    outcome.left = bytes.count - next + pending.count - at
                    outcome.id = reader.id
                    outcome.hasTooManyParams = reader.hasTooManyParams
                    return outcome
                }
            }
            pending.removeFirst(at)
        } while next < bytes.count
        return outcome
    }

    /// A reader whose request is complete and not answered.
    private func reader(answering id: UInt16) -> RecordReader {
        var reader = RecordReader()
        var at = 0
        FastCGIRecords.request(params, id: id).withUnsafeBytes { bytes in
            while case let piece = reader.next(bytes, &at), piece != .end {}
        }
        return reader
    }

    @Test(arguments: [1, 2, 3, 7, 8, 9, 64, 1000])
    func requestsMayArriveInAnyPieces(size: Int) {
        let request =
            FastCGIRecords.begin() + FastCGIRecords.stream(4, FastCGIRecords.pairs(params), chunk: 50)
            + FastCGIRecords.stream(5, body, chunk: 4)
        let whole = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end, id: 1)
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
        let request = FastCGIRecords.begin(id: 258, keep: true)
        _ = request.withUnsafeBytes { reader.next($0, &at) }
        #expect(reader.id == 258 && reader.keepsConnection && at == 16)
    }

    @Test(arguments: [1, 5, 1000])
    func paddingIsSkipped(size: Int) {
        let request =
            FastCGIRecords.begin() + FastCGIRecords.record(4, FastCGIRecords.pairs(params), padding: 5)
            + FastCGIRecords.record(4, padding: 7) + FastCGIRecords.record(5, body, padding: 3)
            + FastCGIRecords.record(5, padding: 200)
        let whole = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end, id: 1)
        #expect(read(request, by: size) == whole)
        #expect(read(request.dropLast(1)).last == .more)
    }

    @Test func whatNoWebServerSendsIsRefused() {
        let begin = FastCGIRecords.begin()
        let head = begin + FastCGIRecords.stream(4, FastCGIRecords.pairs(params))
        #expect(read(Array("GET / HTTP/1.1\r\n".utf8)).last == .refused(.notVersion1))
        #expect(read([UInt8](repeating: 0, count: 16)).last == .refused(.notVersion1))
        #expect(read([UInt8](repeating: 255, count: 16)).last == .refused(.notVersion1))
        #expect(read(FastCGIRecords.record(1, [0, 1, 0, 0, 0, 0, 0, 0, 0])).last == .refused(.malformedBegin))
        #expect(read(FastCGIRecords.begin(id: 0)).last == .refused(.malformedBegin))
        #expect(read(begin + FastCGIRecords.begin()).last == .refused(.unexpectedRecord))
        #expect(read(begin + FastCGIRecords.record(5)).last == .refused(.unexpectedRecord))
        #expect(read(head + FastCGIRecords.record(4)).last == .refused(.unexpectedRecord))
        #expect(read(head + FastCGIRecords.record(77)).last == .refused(.unexpectedRecord))
        let answering = reader(answering: 1)
        for record in [FastCGIRecords.begin(), FastCGIRecords.record(5), FastCGIRecords.record(4)] {
            #expect(read(record, answering).last == .refused(.notAwaited))
        }
    }

    /// Of requests that are not active.
    @Test(arguments: [1, 7, 100_000])
    func recordsOfNoRequestAreIgnored(size: Int) {
        let others =
            FastCGIRecords.record(2) + FastCGIRecords.record(5, [1, 2, 3], padding: 5) + FastCGIRecords.record(4, id: 7)
            + FastCGIRecords.record(8, id: 9, [UInt8](repeating: 1, count: 60_000)) + FastCGIRecords.record(99, id: 8)
        let request = FastCGIRecords.request(params, body: body, id: 3)
        let whole = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end, id: 3)
        #expect(read(others + request, by: size) == whole)
        let begin = FastCGIRecords.begin(id: 3)
        #expect(read(begin + others + Array(request[begin.count...]), by: size) == whole)
        #expect(read(others, by: size, reader(answering: 10)) == Outcome())
    }

    @Test(arguments: [1, 7, 100_000])
    func whatIsSaidBesideARequestIsTold(size: Int) {
        let names = FastCGIRecords.pairs([("FCGI_MPXS_CONNS", "")])
        let request = FastCGIRecords.request(params, body: body)
        let begin = FastCGIRecords.begin()
        let beside =
            FastCGIRecords.record(9, id: 0, names, padding: 3) + FastCGIRecords.record(77, id: 0, [1, 2])
            + FastCGIRecords.begin(id: 2) + FastCGIRecords.stream(4, id: 2, [1, 2, 3])
            // These are answers, which want none.
            + FastCGIRecords.record(10, id: 0, names) + FastCGIRecords.record(11, id: 0, names)
        var expected = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end, id: 1)
        expected.notices = [.values(0..<names.count), .unknownType(77), .anotherRequest(id: 2)]
        expected.values = names
        #expect(read(begin + beside + Array(request[begin.count...]), by: size) == expected)
    }

    @Test(arguments: [4096, 4097, 65_535])
    func valuesAreAskedInRecordsOfAnyLength(count: Int) {
        let content = [UInt8](repeating: 1, count: count)
        for size in [1000, 70_000] {
            let outcome = read(FastCGIRecords.record(9, id: 0, content, padding: 9), by: size)
            #expect(outcome.notices == [.values(0..<count)] && outcome.values == content)
        }
    }

    @Test func otherRolesAndAbortedRequestsAreOver() {
        let request = FastCGIRecords.request(params, body: body)
        let whole = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end, id: 1)
        for role in [UInt8(0), 2, 3, 255] {
            var expected = whole
            expected.notices = [.otherRole]
            let other = FastCGIRecords.begin(role: role) + Array(request[16...])
            #expect(read(other + request) == expected)
        }
        for length in [16, request.count - 8] {
            let aborted = read(Array(request[..<length]) + FastCGIRecords.record(2) + request)
            #expect(aborted.notices == [.aborted] && aborted.last == .end)
        }
        #expect(read(FastCGIRecords.record(2), reader(answering: 1)).notices == [.aborted])
    }

    @Test(arguments: [100, 65535])
    func tooManyParamsArePassedOver(size: Int) {
        let begin = FastCGIRecords.begin()
        for (count, isTooMany) in [(65_535, false), (65_536, true), (1_000_000, true)] {
            let content = [UInt8](repeating: 1, count: count)
            let outcome = read(
                begin + FastCGIRecords.stream(4, content, chunk: size) + FastCGIRecords.stream(5, body)
            )
            #expect(outcome.hasTooManyParams == isTooMany && outcome.last == .end && outcome.body == body)
            #expect(outcome.params.count <= RecordReader.longestParams)
        }
        let endless = FastCGIRecords.stream(4, [UInt8](repeating: 1, count: 70 << 20), chunk: 65535)
        #expect(read(begin + endless).last == .endless)
    }

    /// Whatever the peer had still to say of it.
    @Test(arguments: [1, 7, 1000])
    func whatIsLeftOfARequestThatWasCutShortIsPassedOver(size: Int) {
        let whole = Outcome(params: FastCGIRecords.pairs(params), body: body, last: .end, id: 1)
        let request = FastCGIRecords.request(params, body: body)
        for length in stride(from: 17, to: request.count, by: 5) {
            for isAnswered in [false, true] {
                var reader = RecordReader()
                var at = 0
                Array(request[..<length]).withUnsafeBytes { bytes in
                    while case let piece = reader.next(bytes, &at), piece != .more {}
                }
                reader.cutShort()
                if isAnswered { reader.answered() }
                // The beginning of a header is given again.
                let rest = Array(request[at...])
                #expect(read(rest, by: size, reader).last == .more)
                let next = isAnswered ? read(rest + request, by: size, reader) : read(rest, by: size, reader)
                #expect(isAnswered ? next == whole : next == Outcome(), "\(length)")
            }
        }
    }

    @Test func whetherMoreMayComeOfWhatWasCutShortIsKnown() {
        let request = FastCGIRecords.request(params, body: body)
        func isCutShort(behind bytes: [UInt8]) -> Bool {
            var reader = RecordReader()
            var at = 0
            _ = request[..<60].withUnsafeBytes { reader.next($0, &at) }
            reader.cutShort()
            reader.answered()
            at = 0
            _ = bytes.withUnsafeBytes { reader.next($0, &at) }
            return reader.isCutShort
        }
        let rest = Array(request[60...])
        #expect(isCutShort(behind: []) && isCutShort(behind: rest.dropLast(8)))
        #expect(!isCutShort(behind: rest) && !isCutShort(behind: rest.dropLast(8) + FastCGIRecords.record(2)))
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
