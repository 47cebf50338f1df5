import Foundation
import SwiftSupport
import Testing

/// Workers are killed under load. (What restarts and reloads cost is for Tests/Servers/rolling.py.)
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RollingTests {
    /// Long enough for hundreds of requests to be under way between two events.
    private func letItRun() { usleep(200_000) }

    /// What a killed worker held of saves is answered 503, since nobody knows whether it was carried out: one of each client
    /// at most. Reads, and all that comes later, the other worker takes.
    @Test func workersAreKilled() throws {
        let stack = try Stack()
        let load = Load(port: stack.port)
        let kills = 10
        for round in 0..<kills {
            letItRun()
            stack.workers[round % 2].signal(SIGKILL)
            stack.workers[round % 2].wait()
            try stack.restartWorker(round % 2)
        }
        var outcome = load.stop()
        #expect(outcome.statuses.removeValue(forKey: 503) ?? 0 <= kills * Load.clients, "\(outcome)")
        #expect(outcome.isUndisturbed && outcome.stale == 0, "\(outcome)")
        #expect(outcome.statuses[200] ?? 0 > 100)
    }

    /// With nobody to take over, a kill costs what was in flight, and no more than that is wrong: nothing that was
    /// acknowledged is lost, and all is well as soon as a worker is there.
    @Test func theOnlyWorkerIsKilled() throws {
        let stack = try Stack()
        stack.workers[1].stop()
        let load = Load(port: stack.port)
        for _ in 0..<3 {
            letItRun()
            stack.workers[0].signal(SIGKILL)
            stack.workers[0].wait()
            try stack.restartWorker(0)
        }
        letItRun()
        let outcome = load.stop()
        #expect(outcome.lost.isEmpty && outcome.stale == 0, "\(outcome)")
        #expect(Set(outcome.statuses.keys).isSubset(of: [200, 404, 429, 503]), "\(outcome)")
        #expect(outcome.statuses[200] ?? 0 > 100)
        let answer = try stack.state("POST", #"{"version":9000000,"state":{}}"#)
        #expect(answer.status == 200, "\(answer)")
    }
}
