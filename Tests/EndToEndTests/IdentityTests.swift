import SwiftSupport
import Testing

/// Who a request is for: through nginx, and for what no nginx would send, straight to a worker.
@Suite(.timeLimit(.minutes(2)))
struct IdentityTests {
    @Test func usersAndWorkspacesAreApart() throws {
        let stack = try Stack()
        let team = ("X-Workspace", "team")
        _ = try stack.state("POST", #"{"version":1,"state":{"of":"alice"}}"#)
        #expect(try stack.state("GET", nil, [], as: Stack.bob).status == 404)
        #expect(try stack.state("GET", nil, [team]).status == 404)
        _ = try stack.state("POST", #"{"version":2,"state":{"of":"bob"}}"#, [team], as: Stack.bob)
        #expect(try stack.redis.cli("EXISTS", "hyvve:dashboard:state:bob:team") == "1")
        #expect(try stack.state("GET").text.contains("alice"))
    }

    @Test func nobodyGetsInWithoutTheSignIn() throws {
        let stack = try Stack()
        let forged = [
            ("X-Auth-Request-User", "bob"), ("X-Auth-Request-Workspace", "main"), ("Remote-User", "bob"),
            ("REMOTE_USER", "bob"), ("Remote-Workspace", "main"), ("REMOTE_WORKSPACE", "main"),
        ]
        let client = try HTTPClient(port: stack.port)
        for fields in [[], forged, [("Authorization", "Basic eDp5")] + forged] {
            let answer = try client.request("GET", Stack.path, fields)
            #expect(answer.status == 401 && answer.isProblem("no-user"))
        }
        // Signed in as alice, one is alice, whatever else one says.
        _ = try stack.state("POST", #"{"version":1,"state":{}}"#, forged)
        #expect(try stack.redis.cli("KEYS", "*") == "hyvve:dashboard:state:alice:main")
        let workspace = try stack.state("GET", nil, [("X-Workspace", "secret")])
        #expect(workspace.status == 403 && workspace.isProblem("no-workspace"))
    }

    @Test func problemsOfNginxAreProblemsToo() throws {
        let stack = try Stack(["--drain-timeout", "1"])
        for worker in stack.workers { worker.stop() }
        let away = try stack.state("GET")
        #expect(away.status == 503 && away.isProblem("storage-unavailable") && away.fields["retry-after"] == "1")
        try stack.restartWorker(0)
        let client = try HTTPClient(port: stack.port)
        var statuses: [Int] = []
        for _ in 0..<300 { statuses.append(try client.state("GET").status) }
        #expect(statuses.contains(404) && statuses.contains(429))
        // Another session behind the same address has a measure of its own.
        for _ in 0..<20 { #expect(try client.state("GET", nil, [("Cookie", "of=another")]).status == 404) }
    }

    @Test func aSignInThatDoesNotAnswerIsSaidToBeThatAndLetsNothingThrough() throws {
        let stack = try Stack()
        let offline = ("Cookie", "sample_offline=1")
        for method in ["GET", "POST"] {
            let answer = try stack.state(method, method == "GET" ? nil : #"{"version":1,"state":{}}"#, [offline])
            #expect(answer.status == 503 && answer.isProblem("sign-in-unavailable"))
            #expect(answer.fields["retry-after"] == "1")
        }
        #expect(try stack.redis.cli("DBSIZE") == "0")
    }

    @Test func aPageOfOneUserNeverSpeaksForAnother() throws {
        let stack = try Stack()
        _ = try stack.state("POST", #"{"version":1,"state":{"of":"alice"}}"#, [("X-Dashboard-User", "alice")])
        for method in ["GET", "POST", "DELETE"] {
            let body = method == "POST" ? #"{"version":9,"state":{"of":"bob"}}"# : nil
            for other in ["bob", "alice%00", "Alice", "alic", "", "%", "%6", "%zz"] {
                let answer = try stack.state(method, body, [("X-Dashboard-User", other)])
                #expect(answer.status == 403 && answer.isProblem("other-user"))
            }
        }
        #expect(try stack.state("GET", nil, [("X-Dashboard-User", "%61lice")]).text.contains("alice"))
    }

    @Test func overTLS() throws {
        let stack = try Stack()
        let answer = try RunningProcess.output(of: [
            "curl", "-sS", "--cacert", stack.folder.file("tls.pem"), "-u", "alice:wonderland", "-d",
            #"{"version":1,"state":{}}"#, "-H", "Content-Type: application/json",
            "https://127.0.0.1:\(stack.tlsPort)\(Stack.path)",
        ])
        #expect(answer == #"{"success":true,"serverVersion":1}"#)
    }

    // MARK: Straight to a worker

    private let post = [
        ("REQUEST_METHOD", "POST"), ("SCRIPT_NAME", "/api/dashboard"), ("PATH_INFO", "/state"),
        ("CONTENT_TYPE", "application/json"),
    ]
    private let body = Array(#"{"version":1,"state":{}}"#.utf8)

    private func withWorker(
        _ environment: [String: String] = [:],
        _ test: (FastCGIClient, RedisProcess) throws -> Void
    ) throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder)
        let worker = try Worker.start(in: folder, redis: redis.url, environment: environment)
        try test(try FastCGIClient(path: folder.file("worker-1.sock")), redis)
        #expect(worker.isRunning)
    }

    @Test func theLastOfTwoValuesCountsAnEmptyOneToo() throws {
        try withWorker { (client: FastCGIClient, redis: RedisProcess) throws in
            let twice = [("REMOTE_USER", "x"), ("REMOTE_WORKSPACE", "w"), ("REMOTE_USER", "last")]
            #expect(try client.roundTrip(post + twice, body: body).status == 200)
            #expect(try redis.cli("KEYS", "*") == "hyvve:dashboard:state:last:w")
            let empty = [("REMOTE_USER", "x"), ("REMOTE_WORKSPACE", "w"), ("REMOTE_USER", "")]
            #expect(try client.roundTrip(post + empty, body: body).status == 401)
        }
    }

    @Test func hostileIdsAreRefused() throws {
        try withWorker { (client: FastCGIClient, redis: RedisProcess) throws in
            for id in ["a\nb", "\u{7F}", String(repeating: "x", count: 257), "\u{9F}"] {
                for (user, workspace) in [(id, "w"), ("u", id)] {
                    let answer = try client.roundTrip(
                        post + [("REMOTE_USER", user), ("REMOTE_WORKSPACE", workspace)]
                    )
                    #expect(answer.status == 403 && answer.text.contains(":unusable-identity"))
                }
            }
            #expect(try client.roundTrip(post + [("REMOTE_WORKSPACE", "w")]).status == 401)
            #expect(try client.roundTrip(post + [("REMOTE_USER", "u")]).status == 403)
            #expect(try redis.cli("DBSIZE") == "0")
        }
    }

    @Test func headersNeedASecret() throws {
        let names = ["IDENTITY_USER_PARAM": "HTTP_X_USER", "IDENTITY_WORKSPACE_PARAM": "HTTP_X_WORKSPACE"]
        let secret = names.merging(["PROXY_SECRET": "s3cret"]) { one, _ in one }
        try withWorker(secret) { (client: FastCGIClient, redis: RedisProcess) throws in
            let identity = [("HTTP_X_USER", "u"), ("HTTP_X_WORKSPACE", "w")]
            for params in [identity, identity + [("PROXY_SECRET", "s3cre")], identity + [("PROXY_SECRET", "")]] {
                let answer = try client.roundTrip(post + params, body: body)
                #expect(answer.status == 403 && answer.text.contains("wrong-proxy-secret"))
            }
            #expect(try redis.cli("DBSIZE") == "0")
            let answer = try client.roundTrip(post + identity + [("PROXY_SECRET", "s3cret")], body: body)
            #expect(answer.status == 200)
            #expect(try redis.cli("KEYS", "*") == "hyvve:dashboard:state:u:w")
        }
    }

    @Test func settingsOfWritesAndTimes() throws {
        let settings = ["REQUIRE_PRECONDITION": "on", "REDIS_STATE_TTL": "100", "REDIS_STATE_TTL_RENEW": "save"]
        try withWorker(settings.merging(["REDIS_KEY_PREFIX": "p:"]) { one, _ in one }) {
            (client: FastCGIClient, redis: RedisProcess) throws in
            let identity = [("REMOTE_USER", "u"), ("REMOTE_WORKSPACE", "w")]
            let required = try client.roundTrip(post + identity, body: body)
            #expect(required.status == 428 && required.text.contains("precondition-required"))
            let first = [("HTTP_IF_NONE_MATCH", "*")]
            #expect(try client.roundTrip(post + identity + first, body: body).status == 200)
            let seconds = try Int(redis.cli("TTL", "p:u:w")) ?? 0
            #expect(seconds > 90)
            try redis.cli("EXPIRE", "p:u:w", "50")
            let get = [("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/dashboard/state")] + identity
            #expect(try client.roundTrip(get).status == 200)
            let left = try Int(redis.cli("TTL", "p:u:w")) ?? 100
            #expect(left <= 50)
        }
    }
}
