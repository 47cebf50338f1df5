import DashboardStateServer
import Foundation
import SwiftSupport
import Testing

/// The program as operators and supervisors start it.
@Suite(.timeLimit(.minutes(5)))
struct StartTests {
    @Test func helpAndVersion() throws {
        let help = try Worker.run(["--help"])
        #expect(help.status == 0)
        for option in [
            "--listen", "--socket-mode", "--socket-group", "--redis", "--redis-timeout", "--threads", "--max-body",
            "--base-path", "--drain-timeout", "--log-level", "--log-format", "REDIS_STATE_TTL", "PROXY_SECRET",
        ] {
            #expect(help.output.contains(option), "\(option)")
        }
        #expect(try Worker.run(["--version"]).output.hasPrefix("dashboard-state-fcgi "))
    }

    @Test func helpIsThatOfTheSettings() throws {
        let help = try Worker.run(["--help"]).output.split { $0.isWhitespace }.joined(separator: " ")
        for setting in Setting.all {
            if let option = setting.option {
                #expect(help.contains(" --\(option) <\(setting.valueName)> \(setting.help)"), "\(setting.variable)")
            } else {
                #expect(help.contains(" \(setting.variable),") || help.contains(" \(setting.variable)."))
            }
        }
        // And no others, but for --version and --help.
        let usage = try #require(help.firstRange(of: "OPTIONS: "))
        #expect(
            help[usage.upperBound...].matches(of: /-[a-z-]+ <[a-z]+> [A-Z]/).count
                == Setting.all.count { $0.option != nil }
        )
    }

    /// Each with a value that it does not take.
    @Test func eachOptionReachesItsSetting() throws {
        let folder = try TemporaryFolder()
        for setting in Setting.all {
            guard let option = setting.option else { continue }
            // One that the program does not heed would let it serve.
            let worker = try RunningProcess(
                [Worker.program, "--listen", "unix:\(folder.file("s"))", "--\(option)", "no-such-thing"],
                log: folder.file("\(option).log")
            )
            try worker.until { !worker.isRunning }
            let name = option == "socket-group" ? "no-such-thing" : "--\(option) (\(setting.variable))"
            #expect(worker.wait() == 78 && worker.output.contains(name), "\(worker.output)")
        }
    }

    @Test func whatTheDocumentationTypesDoesTheSame() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/configuration.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let block = try #require(text.firstMatch(of: /```sh\n((?:.+\n)+)```/)).1
        let lines = block.split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines {
            let folder = try TemporaryFolder()
            #expect(line.contains("warning") && line.contains("/run/dashboard-state/"))
            let words = line.replacing("/run/dashboard-state", with: folder.path)
                .replacing("dashboard-state-fcgi", with: Worker.program).split(separator: " ").map(String.init)
            let worker = try RunningProcess(["env"] + words, log: folder.file("log"))
            try worker.until { FileManager.default.fileExists(atPath: folder.file("worker.sock")) }
            usleep(100_000)
            #expect(worker.stop() == 0 && !worker.output.contains(" notice "), "\(worker.output)")
        }
    }

    @Test(
        arguments: [
            (["--listen", "nowhere"], "unix:/absolute/path or tcp:host:port"), (["--threads", "0"], "1 to 1024"),
            (["--max-body", "x"], "1024 to"), (["--base-path", "api"], "starts with /"),
            (["--socket-mode", "9"], "octal"), (["--log-level", "loud"], "notice"), (["--log-format", "x"], "json"),
            (["--redis", "http://x"], "REDIS_URL"), (["--redis", "redis-cluster://x/1"], "no database but 0"),
            (["--redis", "redis-sentinel://a:1"], "no name of a master"),
            (["--listen", "tcp:0.0.0.0:\(FreePort.find())"], "PROXY_SECRET"),
            (["--listen", "tcp:no-such-host.invalid:9000"], "no address for this host"),
            (["--listen", "unix:/" + String(repeating: "x", count: 200)], "at most 107 bytes"),
            (["--redis", "unix:///" + String(repeating: "x", count: 200)], "107 bytes"),
        ]
    )
    func wrongOptionsAreExplained(arguments: [String], hint: String) throws {
        let run = try Worker.run(arguments)
        #expect(run.status == 78 && run.output.contains(hint), "\(run.output)")
    }

    @Test(
        arguments: [
            (["IDENTITY_USER_PARAM": "HTTP_X_USER"], "PROXY_SECRET"), (["IDENTITY_USER_PARAM": "a b"], "A-Z"),
            (["IDENTITY_USER_PARAM": String(repeating: "X", count: 64)], "63"),
            (["IDENTITY_USER_PARAM": "REMOTE_WORKSPACE"], "must differ"),
            (["REQUIRE_PRECONDITION": "yes"], "on or off"),
            (["REDIS_STATE_TTL_RENEW": "never"], "read or save"), (["PROXY_SECRET_FILE": "/no/file"], "cannot be read"),
            (["REDIS_PASSWORD_FILE": "/dev/null"], "a device"), (["PROXY_SECRET": ""], "empty"),
            (["PROXY_SECRET_FILE": "/tmp"], "a folder"), (["DASHBOARD_STATE_BASE_PATH": "/a%20b"], "percent-encod"),
            (["IDENTITY_USER_PARAM": "QUERY_STRING", "PROXY_SECRET": "x"], "part of the request"),
            (["PROXY_SECRET": "hunter2", "PROXY_SECRET_FILE": "/etc/hostname"], "both set"),
        ] as [([String: String], String)]
    )
    func wrongVariablesAreExplained(environment: [String: String], hint: String) throws {
        let run = try Worker.run(["--listen", "unix:/nonexistent/x"], environment: environment)
        #expect(run.status == 78 && run.output.contains(hint) && !run.output.contains("hunter2"), "\(run.output)")
    }

    /// A start that has to wait for another one, which may take ten seconds.
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1])
    func aSignalDuringTheStartEndsItAtOnce(signal: Int32) throws {
        let folder = try TemporaryFolder()
        let locked = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(locked) }
        #expect(locked >= 0 && flock(locked, LOCK_EX) == 0)
        let worker = try RunningProcess(
            [Worker.program, "--listen", "unix:" + folder.file("s"), "--redis", "unix:///no"],
            log: folder.file("log")
        )
        func waits() -> Bool {
            let descriptors = "/proc/\(worker.pid)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
            return names.contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\($0)")) == folder.path
            }
        }
        try worker.until(waits)
        worker.signal(signal)
        for _ in 0..<500 where worker.isRunning { usleep(10_000) }
        #expect(!worker.isRunning && worker.wait() == 0 && worker.output.contains("stopped by SIG"), "\(worker.output)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("s")))
    }

    @Test(arguments: ["PROXY_SECRET_FILE", "REDIS_PASSWORD_FILE"])
    func aPipeAsSecretIsNotWaitedFor(variable: String) throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        let worker = try RunningProcess(
            [Worker.program, "--listen", "unix:" + folder.file("s")],
            environment: [variable: folder.file("pipe")],
            log: folder.file("log")
        )
        try worker.until { !worker.isRunning }
        #expect(worker.wait() == 78 && worker.output.contains("a pipe: a secret is read from a file"))
    }

    /// As root with that right taken away: it reads any folder otherwise.
    @Test func aFolderThatCannotBeLockedIsSaidToBeThat() throws {
        let folder = try TemporaryFolder()
        let sockets = folder.file("sockets")
        #expect(mkdir(sockets, 0o300) == 0)
        defer { chmod(sockets, 0o700) }
        let rights = "-dac_override,-dac_read_search"
        let powerless = geteuid() == 0 ? ["setpriv", "--bounding-set=\(rights)", "--inh-caps=\(rights)"] : []
        let worker = try RunningProcess(
            powerless + [Worker.program, "--listen", "unix:\(sockets)/s", "--redis", "unix:///no"],
            log: folder.file("log")
        )
        try worker.until { !worker.isRunning }
        #expect(worker.wait() == 78 && worker.output.contains("may not read the folder"), "\(worker.output)")
    }

    @Test func aWrongTimeToLiveIsAWarning() throws {
        let folder = try TemporaryFolder()
        let worker = try Worker.start(in: folder, redis: "unix:///no", environment: ["REDIS_STATE_TTL": "soon"])
        #expect(worker.output.contains("warning") && worker.output.contains("2592000"))
    }

    @Test func aVariableThatDoesNotExistIsAWarning() throws {
        let folder = try TemporaryFolder()
        let worker = try Worker.start(in: folder, redis: "unix:///no", environment: ["DASHBOARD_STATE_MAXBODY": "1"])
        #expect(worker.output.contains("warning there is no setting DASHBOARD_STATE_MAXBODY"))
    }

    /// Whatever a supervisor says it has handed over is looked at at once, and nothing else is served in its place.
    @Test(
        arguments: [
            ("1", "descriptor 3"), ("99999999999", "99999999999"), ("2147483644", "descriptor 3"),
            ("2147483645", "descriptor 3"), ("2147483647", "descriptor 3"), ("-1", "-1"), ("two", "two"), ("", "''"),
            ("00", "'00'"),
        ]
    )
    func whatWasNotHandedOverIsAnError(count: String, hint: String) throws {
        let folder = try TemporaryFolder()
        let process = try RunningProcess(
            ["sh", "-c", #"export LISTEN_PID=$$; exec "$0" --listen "unix:$1""#, Worker.program, folder.file("s")],
            environment: ["LISTEN_FDS": count],
            log: folder.file("log")
        )
        try process.until { !process.isRunning }
        #expect(process.wait() == 78 && process.output.contains(hint), "\(process.output)")
    }

    /// It listens, and no web server can connect to it.
    @Test func aSocketOfPacketsIsAnError() throws {
        let folder = try TemporaryFolder()
        let code = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.bind(sys.argv[1]); s.listen(64)
            os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let process = try RunningProcess(
            ["/usr/bin/python3", "-c", code, folder.file("s"), Worker.program, "--redis", "unix:///no"],
            log: folder.file("log")
        )
        try process.until { !process.isRunning }
        #expect(process.wait() == 78 && process.output.contains("descriptor 3"), "\(process.output)")
    }

    @Test func libfcgiReadsRequestsWhereTheyLie() throws {
        let folder = try TemporaryFolder()
        #expect(!(try Worker.start(in: folder, redis: "unix:///no").output.contains("through a pipe")))
    }

    @Test func whatIsInTheWayIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let run = try Worker.run(["--listen", "unix:" + folder.path])
        #expect(run.status == 78 && run.output.contains("something else than a socket"))
        let worker = try Worker.start(in: folder, redis: "unix:///no")
        let second = try Worker.run(["--listen", "unix:" + folder.file("worker-1.sock")])
        #expect(second.status == 78 && second.output.contains("another process is listening"))
        // One that was killed leaves a socket behind, which the next one replaces.
        worker.signal(SIGKILL)
        worker.wait()
        #expect(try Worker.start(in: folder, redis: "unix:///no").stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.file("worker-1.sock")))
    }

    /// Handed over by systemd from descriptor 3 on, and by spawn-fcgi as descriptor 0.
    @Test(arguments: ["LISTEN_FDS", "descriptor 0"])
    func socketsThatAreHandedOverAreUsed(way: String) throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder)
        let path = folder.file("given.sock")
        let launcher =
            way == "LISTEN_FDS"
            ? "os.dup2(s.fileno(), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))"
            : "os.dup2(s.fileno(), 0)"
        let code = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(64); \(launcher)
            os.set_inheritable(3 if 'LISTEN_FDS' in os.environ else 0, True)
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let worker = try RunningProcess(
            ["/usr/bin/python3", "-c", code, path, Worker.program, "--redis", redis.url],
            log: folder.file("log")
        )
        try worker.until { worker.output.contains("serving") }
        let params = [
            ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/dashboard/state"), ("REMOTE_USER", "u"),
            ("REMOTE_WORKSPACE", "w"),
        ]
        #expect(try FastCGIClient(path: path).roundTrip(params).status == 404)
        #expect(worker.stop() == 0)
        // It is not ours to take away.
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func overTCPAndWithThePasswordInAFile() throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder, ["--requirepass", "p:w/x"])
        try "p:w/x\n".write(toFile: folder.file("password"), atomically: true, encoding: .utf8)
        let port = FreePort.find()
        let worker = try RunningProcess(
            [
                Worker.program, "--listen", "tcp:127.0.0.1:\(port)", "--redis", redis.url, "--base-path", "/x",
                "--drain-timeout", "1",
            ],
            environment: ["REDIS_PASSWORD_FILE": folder.file("password")],
            log: folder.file("log")
        )
        try worker.until { worker.output.contains("serving") }
        let client = try FastCGIClient(port: port)
        let identity = [("REMOTE_USER", "u"), ("REMOTE_WORKSPACE", "w"), ("CONTENT_TYPE", "application/json")]
        func ask(_ method: String, _ path: String, _ body: String = "") throws -> FastCGIClient.Answer {
            let params = [("REQUEST_METHOD", method), ("SCRIPT_NAME", path)] + identity
            return try client.roundTrip(params, body: Array(body.utf8))
        }
        #expect(try ask("POST", "/x/state", #"{"version":1,"state":{}}"#).status == 200)
        #expect(try ask("GET", "/api/dashboard/state").status == 404)
        #expect(try ask("POST", "/healthz").status == 405)
        #expect(try ask("GET", "/metrics").status == 404)
        #expect(worker.stop() == 0)
    }

    @Test func logsTellWhatHappenedAndNotToWhom() throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder, ["--requirepass", "hunter2"])
        let worker = try Worker.start(
            in: folder,
            redis: "unix://:hunter2@\(redis.socket)",
            ["--log-format", "json", "--log-level", "info"]
        )
        let params = [
            ("REQUEST_METHOD", "POST"), ("SCRIPT_NAME", "/api/dashboard/state"), ("REMOTE_USER", "carol"),
            ("REMOTE_WORKSPACE", "galaxy"), ("CONTENT_TYPE", "application/json"),
            ("HTTP_TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ]
        let body = Array(#"{"version":1,"state":{"private":1}}"#.utf8)
        #expect(try FastCGIClient(path: folder.file("worker-1.sock")).roundTrip(params, body: body).status == 200)
        worker.stop()
        let log = worker.output
        for secret in ["hunter2", "carol", "galaxy", "private"] { #expect(!log.contains(secret)) }
        for line in log.split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["time"] is String && object?["level"] is String && object?["message"] is String)
            if object?["message"] as? String == "request" {
                #expect(object?["status"] as? Int == 200 && object?["bytes_in"] as? Int == 35)
                #expect(object?["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
                #expect(object?["duration_us"] is Int && object?["redis_us"] is Int)
                #expect((object?["user"] as? String)?.count == 12 && (object?["workspace"] as? String)?.count == 12)
            }
        }
        #expect(log.contains("\"request\""))
    }

    @Test func linesAreForReadingUnlessAskedOtherwise() throws {
        let worker = try DirectWorker()
        let traced = [("REQUEST_ID", "0123456789abcdef0123456789abcdef")]
        #expect(try worker.state("POST", #"{"version":1,"state":{}}"#, traced).status == 200)
        worker.process.stop()
        let line = worker.process.output.split(separator: "\n").first { $0.contains(" request ") } ?? ""
        let words = line.split(separator: " ")
        #expect(words.first?.hasPrefix("20") == true && words.first?.hasSuffix("Z") == true)
        let beginning = ["info", "request", "route=state", "method=POST", "status=200", "outcome=saved"]
        #expect(words.dropFirst().prefix(6).map(String.init) == beginning)
        #expect(line.contains(" bytes_in=24 bytes_out=34 user="))
        #expect(line.hasSuffix(" trace_id=0123456789abcdef0123456789abcdef"))
        #expect(line.contains(" duration_us=") && line.contains(" redis_us="))
    }

    @Test func aWorkerNeedsLittleMemory() throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder)
        let worker = try Worker.start(in: folder, redis: redis.url)
        let status = try String(contentsOfFile: "/proc/\(worker.pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        let kilobytes = Int(line.split(separator: " ").dropFirst().first ?? "") ?? .max
        #expect(kilobytes < 25 * 1024, "\(line)")
    }
}
