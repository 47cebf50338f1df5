import Glibc
import SwiftSupport
import Testing

@testable import FastCGI

@Suite(.serialized, .timeLimit(.minutes(2)))
struct ServerTests {
    private let alice = [("REQUEST_METHOD", "POST"), ("REMOTE_USER", "alice")]

    @Test func keptConnectionsServeManyRequests() throws {
        let server = try EchoServer()
        let client = try server.client()
        for length in [0, 1, 1000, 8191, 8192, 30_000, 70_000, 500_000] {
            let body = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let params = alice + [("CONTENT_LENGTH", String(length))]
            let answer = try client.roundTrip(params, body: body)
            #expect(answer.status == 200 && answer.fields["user"] == "alice" && answer.body == body)
            #expect(answer.fields["body-status"] == "complete")
        }
    }

    @Test func aConnectionThatIsNotKeptIsClosed() throws {
        let server = try EchoServer()
        let client = try server.client()
        #expect(try client.roundTrip(alice, keep: false).status == 200)
        #expect(client.isClosed())
    }

    @Test func theLastOfTwoParamsCounts() throws {
        let server = try EchoServer()
        let params = [("REMOTE_USER", "first"), ("X", "y"), ("REMOTE_USER", "last")]
        #expect(try server.client().roundTrip(params).fields["user"] == "last")
    }

    @Test func idleConnectionsHoldNoThread() throws {
        let server = try EchoServer()
        let idle = try (0..<500).map { _ in try server.client() }
        for client in idle { #expect(try client.roundTrip(alice).status == 200) }
        for _ in 0..<20 { #expect(try server.client().roundTrip(alice).status == 200) }
        // And each of them is still good.
        for client in idle.reversed() { #expect(try client.roundTrip(alice).status == 200) }
    }

    @Test func peersThatStallHoldUpNobody() throws {
        let server = try EchoServer()
        let request = FastCGIRecords.request(
            alice + [("CONTENT_LENGTH", "100000")],
            body: [UInt8](repeating: 1, count: 100_000)
        )
        let stalled = try [4, 20, 60, 300, 50_000].map { length in
            let client = try server.client()
            try client.send(Array(request[..<length]))
            return client
        }
        for _ in 0..<50 { #expect(try server.client().roundTrip(alice).status == 200) }
        // A stalled one gets its answer when it goes on, which the first of them did not have to wait for.
        try stalled[4].send(Array(request[50_000...]))
        _ = stalled
    }

    @Test func aStallEndsTheConnection() throws {
        let server = try EchoServer(limits: Limits(stall: 200_000_000))
        let body = [UInt8](repeating: 1, count: 100_000)
        let request = FastCGIRecords.request(alice, body: body)
        for length in [20, 50_000] {
            let client = try server.client()
            try client.send(Array(request[..<length]))
            #expect(client.isClosed())
        }
        #expect(try server.client().roundTrip(alice, body: body).body == body)
    }

    @Test func bodiesAreCheckedAgainstTheirLength() throws {
        let server = try EchoServer(limits: Limits(longestBody: 10_000))
        let client = try server.client()
        let short = try client.roundTrip(alice + [("CONTENT_LENGTH", "10")], body: [1, 2, 3])
        #expect(short.fields["body-status"] == "unexpectedLength(announced: 10)")
        for length in [10_001, 200_000] {
            let long = try client.roundTrip(
                alice + [("CONTENT_LENGTH", String(length))],
                body: [UInt8](repeating: 1, count: length)
            )
            #expect(long.fields["body-status"] == "tooLong(length: \(length))" && long.body.isEmpty)
        }
        // The connection is still in step.
        #expect(try client.roundTrip(alice, body: [7]).body == [7])
    }

    @Test func aHangUpInTheMiddleIsNoRequest() throws {
        let server = try EchoServer()
        let request = FastCGIRecords.request(alice, body: [UInt8](repeating: 1, count: 100_000))
        for length in stride(from: 1, to: request.count, by: 9973) {
            try server.client().send(Array(request[..<length]))
        }
        #expect(try server.client().roundTrip(alice).status == 200)
    }

    /// A body that holds a whole request of another user, at every alignment: it is never served, whether the body is
    /// wanted, too long, or of the wrong length.
    @Test(arguments: [10_000_000, 5000])
    func aRequestInsideABodyIsNeverServed(longestBody: Int) throws {
        let server = try EchoServer(limits: Limits(longestBody: longestBody))
        let evil = FastCGIRecords.request([("REMOTE_USER", "victim")], body: [])
        let client = try server.client()
        for shift in 0..<64 {
            for size in [100, 8192, 20_000] {
                var body = [UInt8](repeating: 0, count: shift)
                while body.count < size { body += evil }
                let announced = shift % 2 == 0 ? body.count : body.count - 24
                let answer = try client.roundTrip(alice + [("CONTENT_LENGTH", String(announced))], body: body)
                #expect(answer.fields["user"] == "alice")
                #expect(!client.hasInput())
            }
        }
        #expect(try client.roundTrip(alice).fields["user"] == "alice")
    }

    @Test func whatWouldCrashTheLibraryIsRefused() throws {
        let server = try EchoServer()
        let huge = [UInt8](repeating: 0xFF, count: 8)
        for attack in [
            FastCGIRecords.begin() + FastCGIRecords.stream(4, huge) + FastCGIRecords.record(5),
            Array("GET / HTTP/1.1\r\n\r\n".utf8),
        ] {
            let client = try server.client()
            try client.send(attack)
            #expect(client.isClosed())
        }
        #expect(try server.client().roundTrip(alice).status == 200)
    }

    @Test func largeAnswersTakeFewRecordsAndSlowReadersHoldUpNobody() throws {
        let server = try EchoServer()
        let slow = try server.client()
        try slow.send(FastCGIRecords.request(alice + [("ANSWER", "5000000")]))
        for _ in 0..<20 { #expect(try server.client().roundTrip(alice).status == 200) }
        let answer = try slow.receive()
        #expect(answer.body.count == 5_000_000 && answer.recordLengths.count == 77)
        #expect(try slow.roundTrip(alice).status == 200)
    }

    @Test func anAnswerThatIsNeverReadIsGivenUp() throws {
        let server = try EchoServer(limits: Limits(answer: 100_000_000))
        let client = try server.client()
        try client.send(FastCGIRecords.request(alice + [("ANSWER", "5000000")]))
        sleep(3)
        #expect(throws: FastCGIClient.Closed.self) { try client.receive() }
    }

    /// All of them come while the loop is busy, and before the request on the connection that is there.
    @Test func whoeverIsConnectedIsServedBeforeAllNewOnesAre() throws {
        let server = try EchoServer()
        let kept = try server.client()
        #expect(try kept.roundTrip(alice).status == 200)
        let busy = try server.client()
        try busy.send(FastCGIRecords.request(alice + [("ANSWER", "sleep")]))
        usleep(100_000)
        let new = try (0..<500).map { _ in
            let client = try server.client()
            try client.send(FastCGIRecords.request(alice))
            return client
        }
        let number = try kept.roundTrip(alice).fields["number"].flatMap { Int($0) }
        #expect(try #require(number) < 200)
        for client in new { #expect(try client.receive().status == 200) }
    }

    /// Whichever of them happen to be awake.
    @Test(arguments: [2, 3])
    func connectionsThatStayAreSpreadOverTheLoops(threads: Int) throws {
        let server = try EchoServer(threads: threads)
        var clients: [FastCGIClient] = []
        var ofLoops: [String: Int] = [:]
        for _ in 0..<(20 * threads) {
            let client = try server.client()
            #expect(try client.roundTrip(alice).status == 200)
            let loop = try #require(try client.roundTrip(alice).fields["loop"])
            #expect(try client.roundTrip(alice).fields["loop"] == loop)
            clients.append(client)
            ofLoops[loop, default: 0] += 1
        }
        #expect(ofLoops.count == threads && ofLoops.values.allSatisfy { (18...22).contains($0) }, "\(ofLoops)")

        // And those that come when some have gone.
        clients.removeFirst(clients.count / 2)
        let more = try (0..<(20 * threads)).map { _ in try server.client() }
        for client in more { #expect(try client.roundTrip(alice).status == 200) }
    }

    @Test func aListeningSocketThatSomebodyMakesBlockingHoldsUpNobody() throws {
        let server = try EchoServer()
        let kept = try server.client()
        #expect(try kept.roundTrip(alice).status == 200)
        server.setBlocking(true)
        defer {
            // Where it does wait to accept, this lets it go on, and stop.
            server.setBlocking(false)
            _ = try? server.client()
        }
        // Once it has accepted this one, it asks for the next.
        let next = try server.client()
        for client in [kept, next, kept] { #expect(try client.roundTrip(alice).status == 200) }
    }

    /// epoll forgets a socket by itself only when the last descriptor of it is closed, wherever that is.
    @Test func aClosedConnectionThatAnotherProcessStillHoldsIsForgotten() throws {
        let server = try EchoServer()
        let clients = try (0..<10).map { _ in try server.client() }
        for client in clients { #expect(try client.roundTrip(alice).status == 200) }
        let held = server.duplicateConnections()
        defer { for descriptor in held { close(descriptor) } }
        #expect(held.count == clients.count)
        for client in clients { shutdown(client.descriptor, Int32(SHUT_RDWR)) }
        for _ in 0..<20 { #expect(try server.client().roundTrip(alice).status == 200) }
    }
}
