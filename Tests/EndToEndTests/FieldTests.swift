import Foundation
import SwiftSupport
import Testing

/// Fields of requests, as the worker gets them from web servers that hand each on as it came.
@Suite(.timeLimit(.minutes(5)))
struct FieldTests {
    private let worker: DirectWorker

    init() throws { worker = try DirectWorker() }

    private let body = #"{"version":1,"state":{}}"#

    @Test(arguments: ["GET", "POST", "DELETE"])
    func aLengthThatIsNoNumberIsAProblem(method: String) throws {
        for length in ["abc", "-2", "+24", "24, 24", "0x18"] {
            let answer = try worker.state(method, method == "POST" ? body : "", [("CONTENT_LENGTH", length)])
            #expect(answer.status == 400 && answer.text.contains(":incomplete-body"))
        }
        let huge = [("CONTENT_LENGTH", "18446744073709551617")]
        #expect(try worker.state("POST", body, huge).status == 413)
        #expect(try worker.redis.cli("DBSIZE") == "0")
    }

    @Test func conditionsInSeveralFieldsAllCount() throws {
        let saved = try worker.state("POST", body)
        let tag = try #require(saved.fields["etag"])
        let next = #"{"version":2,"state":{"a":1}}"#
        let stale = [("HTTP_IF_MATCH", "\"stale\""), ("HTTP_IF_MATCH", "")]
        #expect(try worker.state("POST", next, stale).status == 412)
        let none = [("HTTP_IF_NONE_MATCH", tag), ("HTTP_IF_NONE_MATCH", "\"other\"")]
        #expect(try worker.state("GET", "", none).status == 304)
        #expect(try worker.state("POST", next, none).status == 412)
        let fresh = [("HTTP_IF_MATCH", tag), ("HTTP_IF_MATCH", "\"other\"")]
        #expect(try worker.state("POST", next, fresh).status == 200)
    }

    @Test func preferencesInSeveralFieldsAllCount() throws {
        #expect(try worker.state("POST", #"{"version":5,"state":{}}"#).status == 200)
        let prefer = [("HTTP_PREFER", "Return=\"representation\""), ("HTTP_PREFER", "respond-async")]
        let refused = try worker.state("POST", body, prefer)
        #expect(refused.text.contains(#""current":{"version":5"#))
        #expect(refused.fields["preference-applied"] == "return=representation")
    }

    /// Starts a program with few descriptors, and without those that this process has by chance at the moment.
    private static let fewDescriptors = #"""
        for path in /proc/$$/fd/*; do number=${path##*/}; if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi; done
        ulimit -n 64; exec "$0" "$@"
        """#

    /// Every descriptor that connections may have is taken when Redis hangs up.
    @Test func aDescriptorIsKeptBackForRedis() throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder)
        let process = try RunningProcess(
            [
                "bash", "-c", Self.fewDescriptors, Worker.program, "--listen", "unix:" + folder.file("s"),
                "--redis", redis.url, "--threads", "1",
            ],
            log: folder.file("log")
        )
        try process.until { process.output.contains("connected to Redis") && process.output.contains("serving") }
        let params = DirectWorker.params("GET", user: "alice")
        let first = try FastCGIClient(path: folder.file("s"))
        #expect((try? first.roundTrip(params).status) == 404, "\(process.output)")
        let others = try (0..<100).map { _ in try FastCGIClient(path: folder.file("s")) }
        try process.until { process.output.contains("connections cannot be accepted") }
        for _ in 0..<3 {
            try redis.cli("CLIENT", "KILL", "TYPE", "normal")
            try process.until { (try? first.roundTrip(params).status) == 404 }
        }
        // Once, and not ten times a second.
        usleep(300_000)
        #expect(process.output.components(separatedBy: "connections cannot be accepted").count == 2)
        // And those who had to wait are served when others have gone.
        let last = try #require(others.last)
        try last.send(FastCGIRecords.request(params))
        for client in others.dropLast() { shutdown(client.descriptor, Int32(SHUT_RDWR)) }
        #expect((try? last.receive().status) == 404, "\(process.output)")
    }
}
