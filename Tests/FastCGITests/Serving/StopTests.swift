import EventLoop
import Glibc
import SwiftSupport
import Synchronization
import Testing

@testable import FastCGI

/// A server that stops while web servers keep connections to it, and use them.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct StopTests {
    private let alice = [("REQUEST_METHOD", "POST"), ("REMOTE_USER", "alice")]

    /// A connection may be on its way from one loop to another then.
    @Test func whoeverConnectsWhileItStopsIsServed() throws {
        for _ in 0..<20 {
            let server = try EchoServer(threads: 3)
            let path = server.path
            let tally = Tally()
            let params = alice
            try withThreads(6) {
                while let client = try? FastCGIClient(path: path) {
                    let isServed = (try? client.roundTrip(params).status) == 200
                    tally.add(isServed)
                }
            } meanwhile: {
                while tally.served < 20 { usleep(1000) }
                server.stop()
            }
            #expect(tally.failed == 0)
        }
    }

    /// Also where a loop has not come to its mail yet: every answer that is given from that moment on ends its connection.
    @Test(arguments: [1, 3])
    func aStoppingServerServesWhatIsThereAndClosesAfterTheAnswer(threads: Int) throws {
        for _ in 0..<10 {
            let server = try EchoServer(threads: threads)
            let kept = try (0..<10).map { _ in try server.client() }
            for client in kept { #expect(try client.roundTrip(alice).status == 200) }
            let waiting = try (0..<10).map { _ in try server.client() }
            server.beginStop(timeout: 20_000_000_000)
            #expect(throws: FastCGIClient.Closed.self) { try server.client() }
            for client in kept + waiting {
                #expect(try client.roundTrip(alice).status == 200)
                #expect(client.isClosed())
            }
            server.stop()
        }
    }

    /// Apache does not close what it keeps: it takes no connection again that has been idle for longer than its `ttl`.
    @Test func connectionsThatNobodyUsesAgainHoldNothingUp() throws {
        let server = try EchoServer(threads: 2, limits: Limits(kept: 50_000_000))
        let kept = try (0..<10).map { _ in try server.client() }
        for client in kept { #expect(try client.roundTrip(alice).status == 200) }
        // Much longer than clients wait for something to read.
        server.beginStop(timeout: 600_000_000_000)
        for client in kept { #expect(client.isClosed()) }
        server.stop()
    }

    @Test func connectionsThatMayBeUsedAgainStay() throws {
        let server = try EchoServer(threads: 2, limits: Limits(kept: 600_000_000_000))
        let kept = try (0..<10).map { _ in try server.client() }
        for client in kept { #expect(try client.roundTrip(alice).status == 200) }
        server.beginStop(timeout: 20_000_000_000)
        usleep(300_000)
        for client in kept {
            #expect(try client.roundTrip(alice).status == 200)
            #expect(client.isClosed())
        }
        server.stop()
    }

    @Test func aLoopThatHangsDoesNotAnswerWhenTheRollIsCalled() throws {
        let server = try EchoServer(threads: 2)
        try until { server.callRoll() }
        let busy = try server.client()
        try busy.send(FastCGIRecords.request(alice + [("ANSWER", "sleep")]))
        var isMissed = false
        // One that is called while the loop sleeps.
        for _ in 0..<100 where !isMissed {
            let roll = server.callRoll()
            usleep(5000)
            isMissed = !roll.isAnswered
        }
        #expect(isMissed)
        #expect(try busy.receive().status == 200)
        try until { server.callRoll() }
        server.stop()
    }

    private func until(_ call: () -> RollCall) throws {
        let roll = call()
        for _ in 0..<1000 where !roll.isAnswered { usleep(10_000) }
        try #require(roll.isAnswered)
    }

    /// What a web server could write, it gets an answer to: a connection ends in a moment at which nothing is on its way,
    /// and a request that is later cannot be sent.
    @Test func whatCouldBeSentIsAnswered() throws {
        for _ in 0..<20 {
            let server = try EchoServer(threads: 2)
            let path = server.path
            let tally = Tally()
            let params = alice
            try withThreads(6) {
                while let client = try? FastCGIClient(path: path) {
                    while (try? client.send(FastCGIRecords.request(params))) != nil {
                        let isAnswered = (try? client.receive().status) == 200
                        tally.add(isAnswered)
                        guard isAnswered else { break }
                    }
                }
            } meanwhile: {
                while tally.served < 20 { usleep(1000) }
                server.stop()
            }
            #expect(tally.failed == 0)
        }
    }

    /// nginx keeps no connection on which something follows the end; for others that would be an answer that nobody asked
    /// for.
    @Test(arguments: [("nginx/1.22.1", true), ("Apache/2.4", false), ("", false)])
    func nginxIsToldToLetGo(software: String, isTold: Bool) throws {
        let server = try EchoServer()
        let client = try server.client()
        let params = alice + [("SERVER_SOFTWARE", software)]
        #expect(try client.roundTrip(params).status == 200)
        #expect(!client.hasInput())
        server.beginStop(timeout: 10_000_000_000)
        #expect(try client.roundTrip(params).status == 200)
        #expect(client.hasInput() == isTold)
        server.stop()
    }

    /// Whoever connects in the moment of the stop asks again a second later, and then is refused.
    @Test func connectionsOverTCPAreServedToTheEnd() throws {
        for _ in 0..<3 {
            let port = FreePort.find()
            let server = try EchoServer(at: .tcp(host: "127.0.0.1", port: port), threads: 2)
            let tally = Tally()
            let params = alice
            try withThreads(4) {
                while let client = try? FastCGIClient(port: port) {
                    let isServed = (try? client.roundTrip(params).status) == 200
                    tally.add(isServed)
                }
            } meanwhile: {
                while tally.served < 20 { usleep(1000) }
                server.stop()
            }
            #expect(tally.failed == 0)
        }
    }

    @Test func idleConnectionsEndWithTheTimeout() throws {
        let server = try EchoServer()
        let idle = try server.client()
        #expect(try idle.roundTrip(alice).status == 200)
        server.stop(timeout: 100_000_000)
        #expect(idle.isClosed())
    }

    /// Runs `body` on so many threads, and `other` on this one.
    private func withThreads(
        _ count: Int,
        _ body: @escaping @Sendable () -> Void,
        meanwhile other: () throws -> Void
    ) throws {
        let threads = try (0..<count).map { try LoopThread.start(name: "client-\($0)", body) }
        defer { for thread in threads { thread.join() } }
        try other()
    }
}

/// How requests of several threads went.
private final class Tally: Sendable {
    private let counts = Mutex((served: 0, failed: 0))

    var served: Int { counts.withLock(\.served) }
    var failed: Int { counts.withLock(\.failed) }

    func add(_ isServed: Bool) {
        counts.withLock { if isServed { $0.served += 1 } else { $0.failed += 1 } }
    }
}
