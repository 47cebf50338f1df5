import Foundation
import TestSupport
import Testing

/// Workers and nginx come and go under load, and no client sees it.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RollingTests {
    /// Long enough for hundreds of requests to be under way between two events.
    private func letItRun() { usleep(200_000) }

    @Test func workersAreRestarted() throws {
        let stack = try Stack()
        let load = Load(port: stack.port)
        for round in 0..<6 {
            letItRun()
            #expect(stack.workers[round % 2].stop() == 0)
            try stack.restartWorker(round % 2)
        }
        let outcome = load.stop()
        #expect(outcome.isUndisturbed && outcome.stale == 0, "\(outcome)")
        #expect(outcome.statuses[200] ?? 0 > 100)
    }

    /// What a killed worker had not answered, nginx sends to the other one: a save may be repeated without harm. Even of
    /// a save that was decided before its worker died, the client learns the outcome.
    @Test func workersAreKilled() throws {
        let stack = try Stack()
        let load = Load(port: stack.port)
        for round in 0..<10 {
            letItRun()
            stack.workers[round % 2].signal(SIGKILL)
            stack.workers[round % 2].wait()
            try stack.restartWorker(round % 2)
        }
        let outcome = load.stop()
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
        #expect(try stack.state("POST", #"{"version":9000000,"state":{}}"#).status == 200)
    }

    /// Tells nginx to read its configuration anew, and waits for the processes that have the old one to end.
    private func reload(_ stack: Stack) throws {
        func children() throws -> Set<String> {
            let path = "/proc/\(stack.nginx.pid)/task/\(stack.nginx.pid)/children"
            return Set(try String(contentsOfFile: path, encoding: .utf8).split(separator: " ").map(String.init))
        }
        let old = try children()
        stack.nginx.signal(SIGHUP)
        try stack.nginx.until { (try? children().isDisjoint(with: old)) ?? false }
    }

    @Test func nginxIsReloaded() throws {
        let stack = try Stack()
        let load = Load(port: stack.port)
        for _ in 0..<4 {
            letItRun()
            try reload(stack)
        }
        let outcome = load.stop()
        // nginx closes the connections of its clients; those it has read a request from are answered.
        #expect(outcome.isUndisturbed, "\(outcome)")
        #expect(outcome.statuses[200] ?? 0 > 100)
    }

    @Test func workersAreAddedAndRemoved() throws {
        let stack = try Stack()
        let path = stack.folder.file("nginx.conf")
        let configuration = try String(contentsOfFile: path, encoding: .utf8)
        let address = { (number: Int) in "server unix:\(stack.folder.path)/worker-\(number).sock max_fails=0;" }
        #expect(configuration.contains(address(1)))
        let load = Load(port: stack.port)
        letItRun()
        // One more, then one less: list it once it serves, and stop it once it is listed no longer.
        let third = try Worker.start(in: stack.folder, name: "worker-3", redis: stack.redis.url)
        let grown = configuration.replacingOccurrences(of: address(1), with: address(1) + address(3))
        try grown.write(toFile: path, atomically: true, encoding: .utf8)
        try reload(stack)
        letItRun()
        let shrunk = configuration.replacingOccurrences(of: address(1), with: address(3))
        try shrunk.write(toFile: path, atomically: true, encoding: .utf8)
        try reload(stack)
        #expect(stack.workers[0].stop() == 0)
        letItRun()
        // And one that nginx still has on its list.
        #expect(stack.workers[1].stop() == 0)
        letItRun()
        let outcome = load.stop()
        #expect(outcome.isUndisturbed, "\(outcome)")
        #expect(third.isRunning && third.output.contains("method=POST"))
    }
}
