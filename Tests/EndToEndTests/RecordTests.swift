import Foundation
import SwiftSupport
import Testing

/// What the worker makes of a web server's records, seen from outside.
@Suite(.timeLimit(.minutes(5)))
struct RecordTests {
    /// Ticks of the processor that a process has had.
    private func ticks(_ process: RunningProcess) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.pid)/stat", encoding: .utf8)
        let fields = text.split(separator: " ")
        return (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0)
    }

    @Test(arguments: [[], [1], [0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 5, 0, 1, 0, 4, 0, 0]] as [[UInt8]])
    func aHangUpWhileRedisIsSilentCostsNothing(behind: [UInt8]) throws {
        let worker = try DirectWorker(
            environment: ["REDIS_TIMEOUT": "10000", "DASHBOARD_STATE_THREADS": "1"],
            throughProxy: true
        )
        #expect(try worker.state("GET").status == 404)
        worker.proxy?.hold(after: 0)
        let client = try worker.client()
        try client.send(FastCGIRecords.request(DirectWorker.params("GET", user: "alice")))
        worker.proxy?.awaitHold()
        try client.send(behind)
        usleep(50_000)
        shutdown(client.descriptor, Int32(SHUT_RDWR))
        usleep(50_000)
        let before = try ticks(worker.process)
        usleep(600_000)
        // A loop that spins takes all of it, or its half on a machine that is busy.
        #expect(try ticks(worker.process) - before < sysconf(Int32(_SC_CLK_TCK)) / 10)
        worker.proxy?.release()
        #expect(try worker.state("GET").status == 404)
    }

    @Test(arguments: ["GET", "POST", "HEAD"])
    func moreFieldsThanFitAreAProblem(method: String) throws {
        let worker = try DirectWorker()
        let client = try worker.client()
        for count in [66_000, 500_000] {
            let params = DirectWorker.params(method, user: "alice", [("HTTP_X", String(repeating: "x", count: count))])
            let answer = try client.roundTrip(params, body: Array(#"{"version":1,"state":{}}"#.utf8))
            #expect(answer.status == 431 && answer.fields["content-type"] == "application/problem+json")
            #expect(answer.text.contains("urn:problem-type:dashboard-state:too-many-fields"))
        }
        let fits = DirectWorker.params(method, user: "alice", [("HTTP_X", String(repeating: "x", count: 65_000))])
        #expect([200, 404].contains(try client.roundTrip(fits, body: Array(#"{"version":1,"state":{}}"#.utf8)).status))
        #expect(try worker.redis.cli("DBSIZE") == (method == "POST" ? "1" : "0"))
    }

    /// Also of one that is longer than the largest limit there can be, whoever is still writing it.
    @Test(arguments: [true, false], ["1024", "67108864"])
    func aBodyOfAnyLengthIsAProblem(isKept: Bool, limit: String) throws {
        let worker = try DirectWorker(environment: ["DASHBOARD_STATE_MAX_BODY": limit])
        let client = try worker.client()
        let params = FastCGIRecords.pairs(DirectWorker.params("POST", user: "alice"))
        try client.send(FastCGIRecords.begin(keep: isKept) + FastCGIRecords.stream(4, params))
        let piece = FastCGIRecords.record(5, [UInt8](repeating: 0x20, count: 65_528))
        for _ in 0..<1200 { try client.send(piece) }
        try client.send(FastCGIRecords.record(5))
        let answer = try client.receive()
        #expect(answer.status == 413 && answer.fields["content-type"] == "application/problem+json")
        #expect(answer.text.contains("body-too-large") && answer.text.contains("\"limit\":\(limit)"))
        #expect(
            isKept ? try client.roundTrip(DirectWorker.params("GET", user: "alice")).status == 404 : client.isClosed()
        )
    }

    @Test(arguments: [true, false])
    func fieldsOfAnyLengthAreAProblem(isKept: Bool) throws {
        let worker = try DirectWorker()
        let client = try worker.client()
        try client.send(FastCGIRecords.begin(keep: isKept))
        let piece = FastCGIRecords.record(4, [UInt8](repeating: 1, count: 65_528))
        for _ in 0..<1200 { try client.send(piece) }
        try client.send(FastCGIRecords.record(4) + FastCGIRecords.record(5))
        let answer = try client.receive()
        #expect(answer.status == 431 && answer.text.contains("urn:problem-type:dashboard-state:too-many-fields"))
        #expect(
            isKept ? try client.roundTrip(DirectWorker.params("GET", user: "alice")).status == 404 : client.isClosed()
        )
    }

    /// Peers that have their answer and stay connected are closed where others need their descriptors.
    @Test func whoHasTheLastAnswerKeepsNoDescriptorFromOthers() throws {
        let folder = try TemporaryFolder()
        let worker = try RunningProcess(
            [
                "sh", "-c", #"ulimit -n 48; exec "$0" "$@""#, Worker.program, "--listen", "unix:" + folder.file("s"),
                "--redis", "unix:///no", "--threads", "1",
            ],
            log: folder.file("log")
        )
        try worker.until { worker.output.contains("serving") }
        let clients = try (0..<100).map { _ in
            let client = try FastCGIClient(path: folder.file("s"))
            // Far below the time that one may linger.
            var patience = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(client.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            // Of another role, and its end does not come.
            try client.send(FastCGIRecords.begin(role: 3, keep: false))
            #expect(try client.receive().protocolStatus == 3)
            return client
        }
        withExtendedLifetime(clients) {}
    }

    @Test func valuesAreToldHoweverManyAreAskedFor() throws {
        let worker = try DirectWorker()
        let client = try worker.client()
        let unknown = (0..<3000).map { ("FCGI_UNKNOWN_\($0)", "") }
        let content = FastCGIRecords.pairs(unknown + [("FCGI_MPXS_CONNS", "")])
        #expect(content.count > 50_000 && content.count < 65_536)
        try client.send(FastCGIRecords.record(9, id: 0, content))
        let answer = try client.receiveManagement()
        #expect(answer.type == 10 && answer.content == FastCGIRecords.pairs([("FCGI_MPXS_CONNS", "0")]))
    }

    @Test func aParamWithoutANameIsPassedOver() throws {
        let worker = try DirectWorker()
        let params = DirectWorker.params("GET", user: "alice", [("", ""), ("", "x")])
        #expect(try worker.client().roundTrip(params).status == 404)
    }

    /// A hang-up would be a 502 or 503 to the client, which would try again for ever.
    @Test(arguments: ["REMOTE_USER", "PATH_INFO", "HTTP_IF_MATCH", "CONTENT_LENGTH", "REQUEST_METHOD"])
    func aNULInAFieldIsAProblem(name: String) throws {
        let worker = try DirectWorker()
        let client = try worker.client()
        let body = Array(#"{"version":1,"state":{}}"#.utf8)
        for value in ["\0", "alice\0", "\0alice", "/state\0.json", String(repeating: "x", count: 60_000) + "\0"] {
            let answer = try client.roundTrip(
                DirectWorker.params("POST", user: "alice", [(name, value)]),
                body: body
            )
            #expect(answer.status == 400 && answer.fields["content-type"] == "application/problem+json")
            #expect(answer.text.contains("NUL"))
        }
        #expect(try worker.redis.cli("DBSIZE") == "0")
        // Where nobody looks, it is nobody's business; and the connection goes on.
        let other = DirectWorker.params("POST", user: "alice", [("HTTP_X", "a\0b")])
        #expect(try client.roundTrip(other, body: body).status == 200)
    }
}
