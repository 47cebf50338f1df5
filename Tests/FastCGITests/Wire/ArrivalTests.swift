import SwiftSupport
import Testing

@testable import FastCGI

struct ArrivalTests {
    private let params = FastCGIRecords.pairs([("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "40")])
    private let body = [UInt8]((0..<40).map { $0 })

    private struct Found: Equatable {
        var params: [UInt8]
        var body: [UInt8]
        var length: Int
    }

    /// One connection whose window is everybody's: between two pieces something else lies in it.
    private final class Peer {
        private(set) var found: [Found] = []
        private(set) var brokenOff: [Found] = []
        private(set) var events: [Arrival.Event] = []
        private var arrival = Arrival()
        private let limits: Limits
        private let window = UnsafeMutableRawBufferPointer.allocate(byteCount: 200_000, alignment: 1)
        /// Whether each request is answered at once.
        var answers = true

        init(_ limits: Limits = Limits()) { self.limits = limits }

        deinit { window.deallocate() }

        func send(_ bytes: ArraySlice<UInt8>) {
            let kept = arrival.open(window, now: 1)
            window[kept..<(kept + bytes.count)].copyBytes(from: bytes)
            arrival.add(bytes.count)
            goOn()
            for index in window.indices { window[index] = 0xEE }
        }

        /// Sends bytes in pieces of this size.
        func send(_ bytes: [UInt8], by size: Int) {
            var rest = bytes[...]
            while !rest.isEmpty {
                send(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
        }

        func answered() { arrival.answered() }

        var isAtRest: Bool { arrival.isAtRest }
        var isCutShort: Bool { arrival.isCutShort }

        private func goOn() {
            while let event = arrival.next(window, limits: limits) {
                events.append(event)
                if event == .notice(.aborted) { breakOff() }
                guard event == .request || event == .endlessRequest else { continue }
                found.append(content(arrival.takeRequest()))
                if answers { arrival.answered() }
            }
        }

        private func content(_ whole: Arrival.Whole) -> Found {
            whole.withContent(in: window) { Found(params: Array($0), body: Array($1), length: whole.length) }
        }

        /// Nothing more comes of the request.
        func breakOff() { if let whole = arrival.takeBrokenOff() { brokenOff.append(content(whole)) } }
    }

    @Test(arguments: [1, 2, 3, 7, 8, 9, 50, 64, 1000])
    func requestsAreWholeInWhateverPieces(size: Int) {
        let request =
            FastCGIRecords.begin() + FastCGIRecords.stream(4, params, chunk: 11)
            + FastCGIRecords.stream(5, body, chunk: 13)
        let empty = FastCGIRecords.begin() + FastCGIRecords.stream(4, []) + FastCGIRecords.stream(5, body, chunk: 13)
        let without = FastCGIRecords.begin() + FastCGIRecords.stream(4, params) + FastCGIRecords.stream(5, [])
        let peer = Peer()
        peer.send(request + empty + without + request, by: size)
        let whole = Found(params: params, body: body, length: body.count)
        #expect(
            peer.found == [
                whole, Found(params: [], body: body, length: body.count), Found(params: params, body: [], length: 0),
                whole,
            ]
        )
        #expect(peer.isAtRest)
    }

    @Test(arguments: [1, 7, 1000])
    func aBodyThatIsTooLongIsCountedAndNotKept(size: Int) {
        let long = [UInt8](repeating: 1, count: 500)
        let request =
            FastCGIRecords.begin() + FastCGIRecords.stream(4, params) + FastCGIRecords.stream(5, long, chunk: 90)
        let peer = Peer(Limits(longestBody: 100, longestDrain: 1000))
        peer.send(request + request, by: size)
        #expect(peer.found.map(\.length) == [500, 500])
        // One that lies in the window as a whole costs nothing.
        #expect(size == 1000 || peer.found.allSatisfy(\.body.isEmpty))
    }

    /// It is answered at once or later, and the next one is in step in any case.
    @Test(arguments: [1, 7, 1000], [true, false])
    func ofAnEndlessRequestTheRestIsPassedOver(size: Int, isAnsweredAtOnce: Bool) {
        let long = [UInt8](repeating: 1, count: 500)
        let request =
            FastCGIRecords.begin() + FastCGIRecords.stream(4, params) + FastCGIRecords.stream(5, long, chunk: 90)
        let peer = Peer(Limits(longestBody: 100, longestDrain: 400))
        peer.answers = isAnsweredAtOnce
        peer.send(Array(request.dropLast(60)), by: size)
        #expect(peer.events == [.endlessRequest] && peer.isCutShort)
        #expect(peer.found.count == 1 && peer.found.allSatisfy { $0.params == params && $0.length > 400 })
        peer.send(request.suffix(60), by: size)
        #expect(peer.events == [.endlessRequest] && !peer.isCutShort && peer.isAtRest)
        if !isAnsweredAtOnce { peer.answered() }
        peer.send(FastCGIRecords.request([("A", "1")], body: body), by: size)
        #expect(peer.events == [.endlessRequest, .request] && peer.found.last?.body == body)
    }

    @Test(arguments: [1, 7, 1000])
    func whatFollowsARequestIsNotAwaitedBeforeItsAnswer(size: Int) {
        let request = FastCGIRecords.request([("A", "1")], body: body)
        let peer = Peer()
        peer.answers = false
        peer.send(request, by: size)
        #expect(peer.events == [.request] && peer.isAtRest)
        peer.send(FastCGIRecords.begin(id: 2) + FastCGIRecords.stream(4, id: 2, params), by: size)
        #expect(peer.events == [.request, .notice(.anotherRequest(id: 2))])
        peer.answered()
        peer.send(request, by: size)
        #expect(peer.found.count == 2 && peer.found[0] == peer.found[1])
    }

    @Test(arguments: [1, 7, 1000])
    func nothingOfAnAbortedRequestIsLeftToTheNext(size: Int) {
        let request = FastCGIRecords.request([("A", "1")], body: body)
        let peer = Peer()
        peer.send(Array(request.dropLast(8)) + FastCGIRecords.record(2), by: size)
        #expect(peer.found.isEmpty && peer.events == [.notice(.aborted)])
        // But it can be told of, once.
        peer.breakOff()
        #expect(peer.brokenOff == [Found(params: FastCGIRecords.pairs([("A", "1")]), body: body, length: body.count)])
        let next = FastCGIRecords.begin() + FastCGIRecords.stream(4, params) + FastCGIRecords.stream(5, [])
        peer.send(next, by: size)
        #expect(peer.found == [Found(params: params, body: [], length: 0)])
    }

    @Test(arguments: [1, 7, 1000])
    func whatBreaksOffCanBeTakenAsSoonAsItsParametersAreThere(size: Int) {
        let beginning = FastCGIRecords.begin() + FastCGIRecords.stream(4, params)
        let peer = Peer()
        // Only the end of the parameters is missing.
        peer.send(Array(beginning.dropLast(8)), by: size)
        peer.breakOff()
        #expect(peer.brokenOff.isEmpty)
        peer.send(beginning.suffix(8), by: size)
        peer.send(Array(FastCGIRecords.stream(5, body, chunk: 25).dropLast(8 + 15 + 8)), by: size)
        peer.breakOff()
        #expect(peer.brokenOff == [Found(params: params, body: Array(body.prefix(25)), length: 25)])
        #expect(peer.found.isEmpty)
    }

    @Test func whatIsWholeOrAtRestHasNotBrokenOff() {
        let peer = Peer()
        peer.breakOff()
        peer.answers = false
        peer.send(FastCGIRecords.request([("A", "1")], body: body), by: 1000)
        peer.breakOff()
        peer.answered()
        peer.breakOff()
        #expect(peer.brokenOff.isEmpty && peer.found.count == 1)
    }

    @Test func anyCutOfManyRequestsGivesTheSame() {
        var random = SeededGenerator(seed: 11)
        var bytes: [UInt8] = []
        var expected: [Found] = []
        for index in 0..<300 {
            let value = String(repeating: "x", count: Int.random(in: 0...400, using: &random))
            let pairs = FastCGIRecords.pairs([("INDEX", String(index)), ("VALUE", value)])
            let body = [UInt8](repeating: UInt8(index % 251), count: Int.random(in: 0...3000, using: &random))
            let chunk = Int.random(in: 1...500, using: &random)
            bytes += FastCGIRecords.begin() + FastCGIRecords.stream(4, pairs, chunk: chunk)
            bytes += FastCGIRecords.stream(5, body, chunk: chunk)
            expected.append(Found(params: pairs, body: body, length: body.count))
        }
        let peer = Peer()
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...10_000, using: &random)
            peer.send(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        #expect(peer.found == expected)
    }
}
