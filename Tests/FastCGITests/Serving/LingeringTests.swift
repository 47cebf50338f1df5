import EventLoop
import FastCGI
import Glibc
import SwiftSupport
import Testing

/// Answers to peers that are still writing, or have written more than they should: none is lost.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct LingeringTests {
    /// How a peer is connected, and whether it wants its connection kept.
    enum Way: CaseIterable {
        case unixKept, unixClosing, tcpKept, tcpClosing

        var isKept: Bool { self == .unixKept || self == .tcpKept }
        var isTCP: Bool { self == .tcpKept || self == .tcpClosing }
    }

    private let alice = [("REQUEST_METHOD", "POST"), ("REMOTE_USER", "alice")]

    /// A server, and how to connect to it.
    private func server(_ way: Way, _ limits: Limits) throws -> (EchoServer, () throws -> FastCGIClient) {
        guard way.isTCP else {
            let server = try EchoServer(limits: limits)
            return (server, { try server.client() })
        }
        let port = FreePort.find()
        return (
            try EchoServer(at: .tcp(host: "127.0.0.1", port: port), limits: limits), { try FastCGIClient(port: port) }
        )
    }

    /// The beginning of a request, and one record of its body.
    private func beginning(_ way: Way) -> (head: [UInt8], piece: [UInt8]) {
        (
            FastCGIRecords.begin(keep: way.isKept) + FastCGIRecords.stream(4, FastCGIRecords.pairs(alice)),
            FastCGIRecords.record(5, [UInt8](repeating: 1, count: 60_000))
        )
    }

    /// The peer writes all of it before it looks for an answer.
    @Test(arguments: Way.allCases)
    func aBodyWithoutEndIsAnswered(way: Way) throws {
        let (server, connect) = try server(way, Limits(longestBody: 1000, longestDrain: 100_000))
        let client = try connect()
        let (head, piece) = beginning(way)
        try client.send(head)
        for _ in 0..<200 { try client.send(piece) }
        try client.send(FastCGIRecords.record(5))
        // How much had come by then is a matter of the pieces in which it came.
        let status = try #require(try client.receive().fields["body-status"])
        let length = try #require(Int(status.dropFirst("tooLong(length: ".count).dropLast()), "\(status)")
        #expect(status.hasPrefix("tooLong(length: ") && (100_001...200_000).contains(length))
        if way.isKept { #expect(try client.roundTrip(alice, body: [7]).body == [7]) }
        if !way.isKept { #expect(client.isClosed()) }
        withExtendedLifetime(server) {}
    }

    @Test(arguments: Way.allCases)
    func paramsWithoutEndAreAnswered(way: Way) throws {
        let (server, connect) = try server(way, Limits())
        let client = try connect()
        let piece = FastCGIRecords.record(4, [UInt8](repeating: 1, count: 65_535))
        try client.send(FastCGIRecords.begin(keep: way.isKept))
        for _ in 0..<1200 { try client.send(piece) }
        try client.send(FastCGIRecords.record(4) + FastCGIRecords.record(5))
        #expect(try client.receive().fields["too-many-params"] == "yes")
        if way.isKept { #expect(try client.roundTrip(alice).fields["user"] == "alice") }
        withExtendedLifetime(server) {}
    }

    /// An answer is under way when the server is told to stop, or is given after that.
    @Test(arguments: Way.allCases)
    func aServerThatStopsAnswersThemToo(way: Way) throws {
        let (server, connect) = try server(way, Limits(longestBody: 1000, longestDrain: 100_000))
        let client = try connect()
        let (head, piece) = beginning(way)
        try client.send(head)
        // It is accepted, and so outlives the listening socket.
        _ = try connect().roundTrip(alice)
        server.beginStop(timeout: 60_000_000_000)
        usleep(50_000)
        for _ in 0..<200 { try client.send(piece) }
        try client.send(FastCGIRecords.record(5))
        // How much had come by then is a matter of the pieces in which it came.
        let status = try #require(try client.receive().fields["body-status"])
        let length = try #require(Int(status.dropFirst("tooLong(length: ".count).dropLast()), "\(status)")
        #expect(status.hasPrefix("tooLong(length: ") && (100_001...200_000).contains(length))
        #expect(client.isClosed())
        server.stop()
    }

    @Test(arguments: Way.allCases)
    func anotherRoleIsRefusedWhateverFollows(way: Way) throws {
        let (server, connect) = try server(way, Limits())
        let client = try connect()
        try client.send(FastCGIRecords.begin(role: 2, keep: way.isKept))
        let piece = FastCGIRecords.record(4, [UInt8](repeating: 1, count: 60_000))
        for _ in 0..<200 { try client.send(piece) }
        #expect(try client.receive().protocolStatus == 3)
        withExtendedLifetime(server) {}
    }

    /// What follows a request on a connection of its own costs it nothing: neither what is there before the answer is
    /// sent, nor what comes while it is under way.
    @Test(arguments: [Way.unixClosing, .tcpClosing], [true, false])
    func aByteBehindARequestCostsNoAnswer(way: Way, isEarly: Bool) throws {
        let (server, connect) = try server(way, Limits(longestBody: 10_000_000))
        for length in [10, 50_000, 1_000_000, 8_000_000] {
            let client = try connect()
            // The loop is busy with the first for a while, and then answers with the body.
            let body = [UInt8](repeating: 1, count: isEarly ? length : 0)
            let params = alice + [("ANSWER", isEarly ? "sleep" : String(length))]
            try client.send(FastCGIRecords.request(params, body: body, keep: false))
            usleep(100_000)
            try? client.send([1])
            usleep(50_000)
            #expect(try client.receive().body.count == length, "\(length)")
            // A reset would throw away what a slower peer has not read yet.
            var byte: UInt8 = 0
            #expect(way.isTCP && isEarly ? recv(client.descriptor, &byte, 1, 0) == 0 : client.isClosed(), "\(length)")
        }
        withExtendedLifetime(server) {}
    }

    /// Sends until the server does not take any more.
    /// - Returns: whether it came to that.
    private func isGivenUp(_ client: FastCGIClient, _ piece: [UInt8], times: Int, pause: UInt32 = 0) -> Bool {
        for _ in 0..<times {
            guard (try? client.send(piece)) != nil else { return true }
            usleep(pause)
        }
        return false
    }

    @Test(arguments: [Way.unixClosing, .tcpClosing])
    func aPeerThatNeverEndsIsGivenUp(way: Way) throws {
        let bytes = try server(way, Limits(longestBody: 1000, longestDrain: 100_000, longestLinger: 5_000_000))
        let (head, piece) = beginning(way)
        let fast = try bytes.1()
        try fast.send(head)
        #expect(isGivenUp(fast, piece, times: 10_000))
        let time = try server(way, Limits(longestBody: 1000, longestDrain: 100_000, answer: 300_000_000))
        let slow = try time.1()
        try slow.send(head + piece + piece)
        #expect(isGivenUp(slow, [1], times: 5000, pause: 10_000))
        let silence = try server(way, Limits(longestBody: 1000, longestDrain: 100_000, stall: 300_000_000))
        let silent = try silence.1()
        try silent.send(head + piece + piece)
        #expect(isGivenUp(silent, [1], times: 20, pause: 1_000_000))
    }

    /// However long they may linger otherwise.
    @Test func peersThatNeverEndHoldUpNoStop() throws {
        let long: UInt64 = 60_000_000_000
        let limits = Limits(longestBody: 1000, longestDrain: 100_000, stall: long, answer: long)
        let (server, connect) = try server(.unixClosing, limits)
        let (head, piece) = beginning(.unixClosing)
        let before = try connect()
        try before.send(head + piece + piece)
        #expect(try before.receive().status == 200)
        let later = try connect()
        try later.send(head)
        _ = try connect().roundTrip(alice)
        let start = Clock.monotonic()
        server.beginStop(timeout: 2 * long)
        usleep(50_000)
        try later.send(piece + piece)
        #expect(try later.receive().status == 200)
        server.stop()
        #expect(Clock.monotonic() - start < long / 2)
    }

    @Test func notManyLingerAtATime() throws {
        let server = try EchoServer(limits: Limits(longestBody: 1000, longestDrain: 100_000))
        let (head, piece) = beginning(.unixClosing)
        let clients = try (0..<300).map { number in
            let client = try server.client()
            do {
                try client.send(head + piece + piece)
            } catch {
                // One beyond those that linger is closed while it may still be writing.
                try #require(number >= 200)
            }
            #expect(try client.receive().status == 200)
            return client
        }
        #expect(try server.client().roundTrip(alice, keep: false).status == 200)
        let held = server.duplicateConnections()
        defer { for descriptor in held { close(descriptor) } }
        #expect((200...260).contains(held.count), "\(held.count)")
        withExtendedLifetime(clients) {}
    }
}
