import Foundation
import SwiftSupport
import Testing

/// Workers on sockets that stay while they come and go, as dashboard-state.socket of systemd has them.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct HandOverTests {
    private let params = [
        ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/dashboard/state"), ("REMOTE_USER", "u"),
        ("REMOTE_WORKSPACE", "w"),
    ]
    /// As in dashboard-state.socket and nginx.conf.example.
    private let names = ["worker-1", "worker-2", "worker"]

    /// A worker that drains may wait long for the idle connections of a web server. Whoever connects meanwhile, to any
    /// of the sockets, gets another worker at once.
    @Test func aDrainingWorkerKeepsNobodyWaiting() throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder)
        let sockets = try SocketHolder(in: folder, names: names)
        let first = try sockets.startWorker(redis: redis.url)
        let idle = try FastCGIClient(path: sockets.paths[0])
        #expect(try idle.roundTrip(params).status == 404)
        let second = try sockets.startWorker(redis: redis.url)
        first.signal(SIGTERM)
        while !first.output.contains("stopping") { usleep(1000) }
        for round in 0..<50 {
            #expect(try FastCGIClient(path: sockets.paths[round % 3]).roundTrip(params).status == 404)
        }
        // It was still there, and answers on the connection that it has.
        #expect(!first.output.contains("exit status"))
        #expect(try idle.roundTrip(params).status == 404)
        #expect(idle.isClosed())
        #expect(try first.wait() == 0)
        second.signal(SIGTERM)
        #expect(try second.wait() == 0)
    }

    /// Where the only worker restarts, connections wait for the next one.
    @Test func nothingIsRefusedWhileNoWorkerIsThere() throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder)
        let sockets = try SocketHolder(in: folder, names: names)
        let first = try sockets.startWorker(redis: redis.url)
        first.signal(SIGTERM)
        #expect(try first.wait() == 0)
        var waiting = try (0..<20).map { try FastCGIClient(path: sockets.paths[$0 % 3]) }
        for client in waiting { try client.send(FastCGIRecords.request(params)) }
        let second = try sockets.startWorker(redis: redis.url)
        for client in waiting { #expect(try client.receive().status == 404) }
        waiting = []
        second.signal(SIGTERM)
        #expect(try second.wait() == 0)
    }

    /// A worker that is killed takes its connections with it, and the ones that nginx keeps may all have been its. Then
    /// what was in flight can fail, one request of each client; nothing else does, and nothing is lost.
    @Test func aKillCostsNoMoreThanWhatIsInFlight() throws {
        let stack = try Stack(["--drain-timeout", "1"])
        for worker in stack.workers { worker.stop() }
        let sockets = try SocketHolder(in: stack.folder, names: names)
        var worker = try sockets.startWorker(redis: stack.redis.url)
        let load = Load(port: stack.port)
        let kills = 5
        for _ in 0..<kills {
            usleep(200_000)
            let successor = try sockets.startWorker(redis: stack.redis.url)
            worker.signal(SIGKILL)
            #expect(try worker.wait() == -SIGKILL)
            worker = successor
        }
        usleep(200_000)
        var outcome = load.stop()
        #expect(outcome.statuses.removeValue(forKey: 503) ?? 0 <= kills * Load.clients, "\(outcome)")
        #expect(outcome.isUndisturbed && outcome.stale == 0, "\(outcome)")
        #expect(outcome.statuses[200] ?? 0 > 100)
    }
}
