import Foundation
import SwiftSupport
import Testing

/// Large states, which reach Redis ahead of the script that decides on them.
@Suite(.timeLimit(.minutes(2)))
struct StagedSaveTests {
    /// A state of about `length` bytes that `mark` tells from others.
    private static func state(_ mark: String, _ length: Int) -> String {
        #"{"mark":"\#(mark)","text":"\#(String(repeating: "x", count: length))"}"#
    }

    private static func body(_ version: Int, _ mark: String, _ length: Int, _ more: String = "") -> String {
        #"{"version":\#(version),"state":\#(state(mark, length))\#(more)}"#
    }

    private static let key = "hyvve:dashboard:state:alice:main"

    /// Every rule of a save gives the same answers, however the document reaches Redis.
    @Test(arguments: [10, 100_000])
    func theRulesAreTheSame(length: Int) throws {
        let worker = try DirectWorker()
        func save(
            _ version: Int,
            _ mark: String,
            _ more: String = "",
            _ fields: [(String, String)] = []
        ) throws
            -> FastCGIClient.Answer
        {
            let answer = try worker.state("POST", Self.body(version, mark, length, more), fields)
            #expect(try worker.redis.cli("DBSIZE") == "1")
            return answer
        }
        let first = try save(5, "a")
        #expect(first.text == #"{"success":true,"serverVersion":5}"#)
        let again = try save(5, "a")
        #expect(again.text == first.text && again.fields["etag"] == first.fields["etag"])
        #expect(try save(4, "b").text == #"{"success":false,"serverVersion":5,"conflictResolution":"server"}"#)
        let wanted = try save(4, "b", "", [("HTTP_PREFER", "return=representation")])
        #expect(wanted.text.contains(#""current":{"version":5,"#) && wanted.text.contains(#""mark":"a""#))
        let old = #","lastModified":"2001-01-01T00:00:00Z""#
        #expect(try save(5, "c", old).text.contains(#""success":false"#))
        #expect(try save(5, "d").text.contains(#""success":true,"serverVersion":5,"conflictResolution":"client""#))
        let sixth = try save(6, "e")
        #expect(sixth.text == #"{"success":true,"serverVersion":6,"conflictResolution":"client"}"#)
        let tag = try #require(sixth.fields["etag"])
        #expect(try save(7, "f", "", [("HTTP_IF_MATCH", first.fields["etag"] ?? "")]).status == 412)
        #expect(try save(7, "f", "", [("HTTP_IF_NONE_MATCH", "*")]).status == 412)
        #expect(try save(7, "f", "", [("HTTP_IF_MATCH", tag)]).status == 200)
        // The answer got lost, and the client asks again: it finds that its save has happened.
        #expect(try save(7, "f", "", [("HTTP_IF_MATCH", tag)]).text == #"{"success":true,"serverVersion":7}"#)
        let stored = try worker.redis.cli("GET", Self.key)
        #expect(stored.hasSuffix(#""state":\#(Self.state("f", length))}"#))
        #expect(try worker.state("GET").text == stored)
        let seconds = Int(try worker.redis.cli("TTL", Self.key)) ?? 0
        #expect((2_591_900...2_592_000).contains(seconds))
    }

    @Test(arguments: [10, 100_000])
    func valuesThatAreNoDocumentsAreReplaced(length: Int) throws {
        let worker = try DirectWorker()
        for command in [["SET", Self.key, "nonsense"], ["HSET", Self.key, "a", "b"]] {
            try worker.redis.cli("DEL", Self.key)
            _ = try RunningProcess.output(of: ["redis-cli", "-s", worker.redis.socket] + command)
            let answer = try worker.state("POST", Self.body(1, "a", length))
            #expect(answer.text == #"{"success":true,"serverVersion":1}"#)
        }
        // A document of other software takes part: its version counts, and its state is compared.
        let foreign = #"{"version":3,"state":\#(Self.state("z", length)),"lastModified":"2026-01-01T00:00:00.000Z"}"#
        _ = try RunningProcess.output(of: [
            "sh", "-c", "printf %s '\(foreign)' | redis-cli -s \(worker.redis.socket) -x SET \(Self.key)",
        ])
        #expect(
            try worker.state("POST", Self.body(2, "a", length)).text.contains(#""success":false,"serverVersion":3"#)
        )
        #expect(try worker.state("POST", Self.body(3, "z", length)).text == #"{"success":true,"serverVersion":3}"#)
        #expect(try worker.redis.cli("GET", Self.key) == foreign)
        #expect(try worker.state("POST", Self.body(4, "a", length)).text.contains(#""conflictResolution":"client""#))
        #expect(try worker.redis.cli("DBSIZE") == "1")
    }

    @Test func smallOnesAreSentAlong() throws {
        let worker = try DirectWorker()
        _ = try worker.state("POST", Self.body(1, "a", 10))
        #expect(!(try worker.redis.cli("INFO", "commandstats").contains("cmdstat_rename:")))
        _ = try worker.state("POST", Self.body(2, "a", 100_000))
        #expect(try worker.redis.cli("INFO", "commandstats").contains("cmdstat_rename:calls=1,"))
    }

    /// In a cluster every key of a command must fall into one slot.
    @Test(arguments: ["hyvve:dashboard:state:", "{app}:", "x}"])
    func itWorksInACluster(prefix: String) throws {
        let worker = try DirectWorker(
            redisArguments: ["--cluster-enabled", "yes", "--cluster-port", "\(FreePort.find())"],
            environment: ["REDIS_KEY_PREFIX": prefix]
        )
        try worker.redis.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        while !(try worker.redis.cli("CLUSTER", "INFO").contains("cluster_state:ok")) { usleep(10_000) }
        for (version, user) in ["alice", "b:o{b}", "Zoë"].enumerated() {
            for length in [10, 100_000] {
                let body = Self.body(version * 2 + (length > 10 ? 1 : 0), "a", length)
                #expect(try worker.state("POST", body, user: user).text.contains(#""success":true"#))
            }
        }
        #expect(try worker.redis.cli("DBSIZE") == "3")
    }

    /// Has a save of version 9 sent, up to where Redis has the document and not yet the script.
    /// - Returns: the connection on which the answer is to come, and the key under which the document lies.
    private func sendHalf(_ worker: DirectWorker, _ proxy: CuttingProxy) throws -> (FastCGIClient, String) {
        #expect(try worker.state("GET").status == 404)
        proxy.hold(after: 50_350)
        let client = try worker.client()
        let body = Array(Self.body(9, "half", 50_000).utf8)
        try client.send(FastCGIRecords.request(DirectWorker.params("POST", user: "alice"), body: body))
        proxy.awaitHold()
        // It lies there, and nobody can take it for a state.
        var staged = ""
        while staged.isEmpty { staged = try worker.redis.cli("KEYS", "*") }
        #expect(staged.contains("staging:{\(Self.key)}") && !staged.contains("\n"))
        #expect((1...60_000).contains(Int(try worker.redis.cli("PTTL", staged)) ?? 0))
        return (client, staged)
    }

    /// The worker cannot know how far its save has come, and does not try it again.
    @Test func aSaveThatWasCutInTwoIsOfUnknownOutcome() throws {
        let worker = try DirectWorker(throughProxy: true)
        let proxy = try #require(worker.proxy)
        let (client, staged) = try sendHalf(worker, proxy)
        proxy.cut()
        let answer = try client.receive()
        #expect(answer.status == 503 && answer.text.contains(#"dashboard-state:outcome-unknown""#))
        #expect(answer.fields["retry-after"] == "1")
        #expect(try worker.state("GET").status == 404)
        #expect((1...60_000).contains(Int(try worker.redis.cli("PTTL", staged)) ?? 0))
        // The client repeats it.
        #expect(try worker.state("POST", Self.body(9, "half", 50_000)).status == 200)
    }

    /// Redis cannot have carried out a command of which a part is still here.
    @Test func aSaveThatWasNotSentWholeGoesOnOnAnotherConnection() throws {
        let worker = try DirectWorker(throughProxy: true)
        let proxy = try #require(worker.proxy)
        #expect(try worker.state("GET").status == 404)
        proxy.hold(after: 10_000)
        let client = try worker.client()
        let body = Array(Self.body(9, "half", 1_000_000).utf8)
        try client.send(FastCGIRecords.request(DirectWorker.params("POST", user: "alice"), body: body))
        proxy.awaitHold()
        proxy.cut()
        #expect(try client.receive().text == #"{"success":true,"serverVersion":9}"#)
        #expect(try worker.redis.cli("DBSIZE") == "1")
        #expect(try worker.state("GET").text.contains(#""mark":"half""#))
    }

    @Test func whatADeadWorkerLeavesBehindGoesAway() throws {
        let worker = try DirectWorker(throughProxy: true)
        let proxy = try #require(worker.proxy)
        let (_, staged) = try sendHalf(worker, proxy)
        worker.process.signal(SIGKILL)
        worker.process.wait()
        proxy.cut()
        let other = try Worker.start(in: worker.folder, name: "worker-2", redis: worker.redis.url)
        let client = try FastCGIClient(path: worker.folder.file("worker-2.sock"))
        #expect(try client.roundTrip(DirectWorker.params("GET", user: "alice")).status == 404)
        let body = Array(Self.body(1, "alive", 100_000).utf8)
        #expect(try client.roundTrip(DirectWorker.params("POST", user: "alice"), body: body).status == 200)
        #expect(try client.roundTrip(DirectWorker.params("GET", user: "alice")).text.contains("alive"))
        #expect((1...60_000).contains(Int(try worker.redis.cli("PTTL", staged)) ?? 0))
        #expect(other.stop() == 0)
    }

    /// A Redis that runs out of memory may evict the document before the script sees it.
    @Test func aDocumentThatWasEvictedIsSentAgain() throws {
        let worker = try DirectWorker(throughProxy: true)
        let proxy = try #require(worker.proxy)
        let (client, staged) = try sendHalf(worker, proxy)
        try worker.redis.cli("DEL", staged)
        proxy.release()
        #expect(try client.receive().text == #"{"success":true,"serverVersion":9}"#)
        #expect(try worker.redis.cli("DBSIZE") == "1")
        #expect(try worker.state("GET").text.contains(#""mark":"half""#))
    }

    @Test func aRedisWithoutMemoryLosesNothing() throws {
        let worker = try DirectWorker(redisArguments: ["--maxmemory-policy", "noeviction"])
        _ = try worker.state("POST", Self.body(1, "a", 100_000))
        try worker.redis.cli("CONFIG", "SET", "maxmemory", "1")
        #expect(try worker.state("POST", Self.body(2, "b", 100_000)).status == 507)
        #expect(try worker.state("GET").text.contains(#""mark":"a""#))
        #expect(try worker.redis.cli("DBSIZE") == "1")
        try worker.redis.cli("CONFIG", "SET", "maxmemory", "0")
        #expect(try worker.state("POST", Self.body(2, "b", 100_000)).status == 200)
    }

    @Test func aScriptThatRedisForgotIsSentAgain() throws {
        let worker = try DirectWorker()
        for version in 1...3 {
            try worker.redis.cli("SCRIPT", "FLUSH")
            let answer = try worker.state("POST", Self.body(version, "a", 100_000))
            #expect(answer.text.contains(#""success":true,"serverVersion":\#(version)"#))
        }
        #expect(try worker.redis.cli("DBSIZE") == "1")
    }
}
