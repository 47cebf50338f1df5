import Foundation
import SwiftSupport
import Testing

/// A program that is started with some of descriptors 0 to 2 closed, as careless supervisors do.
@Suite(.timeLimit(.minutes(5)))
struct StandardDescriptorTests {
    private let folder: TemporaryFolder
    private let redis: RedisProcess

    init() throws {
        folder = try TemporaryFolder()
        redis = try RedisProcess(in: folder)
    }

    /// With a single loop the connection to Redis would come first, and take the lowest descriptor that is free.
    @Test(arguments: [[0, 1, 2], [1, 2], [2], [0, 2]])
    func closedOnesAreOpenedOnNothing(closed: [Int]) throws {
        let path = folder.file("given.sock")
        let code = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(64)
            os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
            for descriptor in \(closed): os.close(descriptor)
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let worker = try RunningProcess(
            [
                "/usr/bin/python3", "-c", code, path, Worker.program, "--redis", redis.url, "--threads", "1",
                "--log-level", "debug",
            ],
            log: folder.file("log")
        )
        // The file is there before anybody listens.
        try worker.until { (try? FastCGIClient(path: path)) != nil }
        for user in ["alice", "bob"] {
            let body = Array(#"{"version":1,"state":{"of":"\#(user)"}}"#.utf8)
            #expect(try FastCGIClient(path: path).roundTrip(state("POST", user), body: body).status == 200)
        }
        for _ in 0..<50 {
            for user in ["alice", "bob"] {
                let answer = try FastCGIClient(path: path).roundTrip(state("GET", user))
                #expect(answer.status == 200 && answer.text.contains(#""of":"\#(user)""#))
            }
        }
        for descriptor in closed {
            let target = try FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(worker.pid)/fd/\(descriptor)"
            )
            #expect(target == "/dev/null")
        }
        // No log line was taken for a command.
        #expect(try !redis.cli("INFO", "errorstats").contains("errorstat_ERR"))
        #expect(worker.stop() == 0)
    }

    @Test(arguments: ["<&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
    func soTheyAreWhereARequestIsServedAsCGI(closing: String) throws {
        try redis.cli("SET", "hyvve:dashboard:state:alice:main", #"{"version":1,"state":{}}"#)
        let output = folder.file("output")
        var environment = ["GATEWAY_INTERFACE": "CGI/1.1", "REDIS_URL": redis.url]
        for (name, value) in state("GET", "alice") { environment[name] = value }
        let process = try RunningProcess(
            ["sh", "-c", #"exec "$0" \#(closing)"#, Worker.program],
            environment: environment,
            log: output
        )
        #expect(process.wait() == 0)
        let isHeard = !closing.contains(" >&-")
        #expect(process.output.contains(#"{"version":1,"state":{}}"#) == isHeard)
        #expect(try !redis.cli("INFO", "errorstats").contains("errorstat_ERR"))
    }

    private func state(_ method: String, _ user: String) -> [(String, String)] {
        [
            ("REQUEST_METHOD", method), ("SCRIPT_NAME", "/api/dashboard/state"), ("REMOTE_USER", user),
            ("REMOTE_WORKSPACE", "main"), ("CONTENT_TYPE", "application/json"),
        ]
    }
}
