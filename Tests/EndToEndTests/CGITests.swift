import Foundation
import SwiftSupport
import Testing

/// The program as a web server starts it for one request.
@Suite(.timeLimit(.minutes(5)))
struct CGITests {
    private let folder: TemporaryFolder
    private let redis: RedisProcess

    init() throws {
        folder = try TemporaryFolder()
        redis = try RedisProcess(in: folder)
    }

    private func run(
        _ method: String,
        _ body: String? = nil,
        _ variables: [String: String] = [:],
        _ arguments: [String] = []
    ) throws -> (status: Int32, output: String) {
        let input = folder.file("body-\(UInt32.random(in: .min ... .max))")
        try (body ?? "").write(toFile: input, atomically: true, encoding: .utf8)
        let command = ["sh", "-c", #"exec "$0" "$@" <"$INPUT""#, Worker.program] + arguments
        return try run(command, method, body, variables.merging(["INPUT": input]) { one, _ in one })
    }

    /// Runs a command with the variables of a request.
    private func run(
        _ command: [String],
        _ method: String,
        _ body: String?,
        _ variables: [String: String]
    ) throws -> (status: Int32, output: String) {
        var environment = [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "SCRIPT_NAME": "/api/dashboard/state",
            "PATH_INFO": "", "REMOTE_USER": "alice", "REMOTE_WORKSPACE": "main", "REDIS_URL": redis.url,
            "DASHBOARD_STATE_LOG_LEVEL": "critical",
        ]
        if let body {
            environment["CONTENT_TYPE"] = "application/json"
            environment["CONTENT_LENGTH"] = String(body.utf8.count)
        }
        environment.merge(variables) { _, new in new }
        let process = try RunningProcess(
            command,
            environment: environment,
            log: folder.file("output-\(UInt32.random(in: .min ... .max))")
        )
        return (process.wait(), process.output)
    }

    @Test func aStateIsSavedReadAndDeleted() throws {
        #expect(try run("GET").output.hasPrefix("Status: 404 Not Found\r\n"))
        for length in [10, 500_000] {
            let state = #"{"text":"\#(String(repeating: "x", count: length))"}"#
            let saved = try run("POST", #"{"version":\#(length),"state":\#(state)}"#)
            #expect(saved.status == 0 && saved.output.hasPrefix("Status: 200 OK\r\nETag: \""))
            #expect(saved.output.contains(#"{"success":true,"serverVersion":\#(length)"#))
            let read = try run("GET")
            #expect(read.status == 0 && read.output.hasSuffix(#""state":\#(state)}"#))
        }
        #expect(try run("DELETE").output.hasSuffix(#"{"success":true}"#))
        #expect(try redis.cli("DBSIZE") == "0")
    }

    /// The process ends once the time to live is renewed, for which its answer does not wait.
    @Test func aReadOfAnOldStateRenewsItsTime() throws {
        let key = "hyvve:dashboard:state:alice:main"
        _ = try run("POST", #"{"version":1,"state":{},"lastModified":"2020-01-01T00:00:00.000Z"}"#)
        try redis.cli("EXPIRE", key, "100")
        let read = try run("GET")
        #expect(read.status == 0 && read.output.hasSuffix(#""state":{}}"#))
        #expect(try Int(redis.cli("TTL", key)) ?? 0 > 2_591_000)
    }

    /// A query string can become arguments (RFC 3875, section 4.4).
    @Test(arguments: [["--help"], ["--version"], ["--listen", "unix:/tmp/x"], ["--no-such-option"], ["--", "x"]])
    func argumentsAreNotRead(arguments: [String]) throws {
        #expect(try run("GET", nil, [:], arguments).output.hasPrefix("Status: 404 Not Found\r\n"))
    }

    @Test func wrongRequestsAreProblems() throws {
        #expect(try run("POST", "{").output.hasPrefix("Status: 400 "))
        #expect(try run("POST", "{}", ["CONTENT_LENGTH": "3000000"]).output.hasPrefix("Status: 413 "))
        #expect(try run("POST", "{}", ["CONTENT_LENGTH": "100"]).output.hasPrefix("Status: 400 "))
        #expect(try run("POST", "{}", ["CONTENT_TYPE": "text/plain"]).output.hasPrefix("Status: 415 "))
        #expect(try run("GET", nil, ["REMOTE_USER": ""]).output.hasPrefix("Status: 401 "))
        #expect(try run("GET", nil, ["SCRIPT_NAME": "/x"]).output.hasPrefix("Status: 404 "))
        // Apache's division of a path.
        let divided = ["SCRIPT_NAME": "/api/dashboard", "PATH_INFO": "/state"]
        #expect(try run("OPTIONS", nil, divided).output.hasPrefix("Status: 204 "))
        let tooLong = String(repeating: " ", count: 2_000_000)
        #expect(try run("POST", tooLong).output.contains(#""limit":1048576,"actual":2000000"#))
    }

    /// Who starts the program may have made its ends non-blocking for everybody who has them.
    @Test func descriptorsThatDoNotWaitAreWaitedFor() throws {
        let body = #"{"version":1,"state":{"text":"\#(String(repeating: "x", count: 400_000))"}}"#
        let save = try runWithoutWaiting("POST", body)
        #expect(save.contains("Status: 200 OK\r\n"))
        #expect(try runWithoutWaiting("GET", nil).hasSuffix(#"xx"}}"#))
    }

    /// Runs it with pipes that are non-blocking, filled and emptied late.
    private func runWithoutWaiting(_ method: String, _ body: String?) throws -> String {
        let input = folder.file("input-\(method)")
        try (body ?? "").write(toFile: input, atomically: true, encoding: .utf8)
        let script = #"""
            import fcntl, os, subprocess, sys, threading, time
            ends = [os.pipe(), os.pipe()]
            for end in (ends[0][0], ends[1][1]): fcntl.fcntl(end, fcntl.F_SETFL, os.O_NONBLOCK)
            program = subprocess.Popen([sys.argv[1]], stdin=ends[0][0], stdout=ends[1][1])
            os.close(ends[0][0]), os.close(ends[1][1])
            def feed():
                time.sleep(0.2)
                with open(ends[0][1], "wb") as pipe, open(sys.argv[2], "rb") as body: pipe.write(body.read())
            thread = threading.Thread(target=feed)
            thread.start()
            time.sleep(0.4)
            with open(ends[1][0], "rb") as pipe: sys.stdout.buffer.write(pipe.read())
            thread.join()
            program.wait()
            """#
        return try run(["/usr/bin/python3", "-c", script, Worker.program, input], method, body, [:]).output
    }

    /// A web server that cannot hand all of it over gives up the answer.
    @Test(arguments: [["CONTENT_LENGTH": "83886080"], ["HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""]])
    func aBodyOfAnyLengthIsReadToItsEnd(variables: [String: String]) throws {
        let script = #"""
            import subprocess, sys
            program = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(80): program.stdin.write(b" " * (1 << 20))
            program.stdin.close()
            sys.stdout.buffer.write(program.stdout.read())
            """#
        let answer = try run(["/usr/bin/python3", "-c", script, Worker.program], "POST", "", variables)
        let status = variables["CONTENT_LENGTH"] == "" ? "400" : "413"
        #expect(answer.status == 0 && answer.output.hasPrefix("Status: \(status) "), "\(answer.output)")
    }

    /// A client sends the field, and the settings hold the secret that would be asked for.
    @Test func identitiesInFieldsAreRefused() throws {
        let forged = ["IDENTITY_USER_PARAM": "HTTP_X_USER", "HTTP_X_USER": "bob", "REMOTE_USER": "alice"]
        for secret in [[:], ["PROXY_SECRET": "any"]] {
            let answer = try run("POST", #"{"version":1,"state":{}}"#, forged.merging(secret) { one, _ in one })
            #expect(answer.output.contains("Status: 503 ") && answer.output.contains("IDENTITY_USER_PARAM"))
        }
        #expect(try redis.cli("DBSIZE") == "0")
    }

    @Test func anOutageIsAProblem() throws {
        for url in ["unix:///nonexistent", "nonsense"] {
            let answer = try run("GET", nil, ["REDIS_URL": url])
            #expect(answer.status == 0 && answer.output.contains("Status: 503 Service Unavailable\r\n"))
            #expect(answer.output.contains("Retry-After: 1\r\n") && !answer.output.contains("nonexistent"))
        }
    }
}
