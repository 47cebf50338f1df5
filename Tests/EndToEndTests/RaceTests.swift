import Foundation
import SwiftSupport
import Testing

/// Many writers at once, and machinery that comes and goes under them.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RaceTests {
    /// Calls `body` with 0 ..< count on some threads at once.
    private func together(_ threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
        DispatchQueue.concurrentPerform(iterations: threads, execute: body)
    }

    @Test func athousandRacingSavesHaveOneOrder() throws {
        let stack = try Stack()
        let versions = (1...1000).shuffled()
        let answers = Answers()
        let next = Counter()
        let port = stack.port
        together(8) { _ in
            guard var client = try? HTTPClient(port: port) else { return }
            while let version = next.next(below: versions.count).map({ versions[$0] }) {
                var status = 429
                while status == 429 {
                    let answer = try? client.state("POST", #"{"version":\#(version),"state":{"v":\#(version)}}"#)
                    status = answer?.status ?? 0
                    answers.add(version, answer?.text ?? "none")
                    // Limits on requests go by address, and each connection has another.
                    if status == 429, let fresh = try? HTTPClient(port: port) { client = fresh }
                }
            }
        }
        #expect(answers.all.count == 1000)
        #expect(try stack.state("GET").text.hasSuffix(#""state":{"v":1000}}"#))
        var saved: [Int] = []
        for (version, text) in answers.all {
            if text.contains(#""success":true"#) {
                #expect(text.contains(#""serverVersion":\#(version)"#))
                saved.append(version)
            } else {
                // It lost against a version that is higher, and that was saved.
                let winner = text.split(separator: ":")[2].prefix { $0.isNumber }
                #expect(Int(winner) ?? 0 > version, "\(text)")
                let winnerText = answers.all[Int(winner) ?? 0] ?? ""
                #expect(winnerText.contains(#""success":true"#))
            }
        }
        #expect(saved.contains(1000))
        // Saved ones form a rising chain: all but the first found another document in their place.
        let first = answers.all.values.filter { $0.contains("true") && !$0.contains("conflictResolution") }
        #expect(first.count == 1)
    }

    @Test func oneOfTwoConditionalWritersWins() throws {
        let stack = try Stack()
        let port = stack.port
        for round in 1...30 {
            let tag = try stack.state("POST", #"{"version":\#(round * 10),"state":{}}"#).tag
            let answers = Answers()
            together(4) { index in
                let body = #"{"version":\#(round * 10 + 1),"state":{"by":\#(index)}}"#
                let answer = try? HTTPClient(port: port).state("POST", body, [("If-Match", tag)])
                answers.add(index, "\(answer?.status ?? 0)")
            }
            #expect(answers.all.values.sorted() == ["200", "412", "412", "412"])
        }
    }

    @Test func anOutageOfRedisIsNeverAnAnswerAboutTheState() throws {
        let stack = try Stack(["--redis-timeout", "500"])
        _ = try stack.state("POST", #"{"version":1,"state":{}}"#)
        let load = Load(port: stack.port)
        usleep(200_000)
        stack.redis.stop()
        while try stack.state("GET").status != 503 {}
        for method in ["GET", "DELETE"] {
            let answer = try stack.state(method)
            #expect(answer.status == 503 && answer.fields["retry-after"] == "1")
            #expect(answer.isProblem("storage-unavailable") && !answer.text.contains("redis"))
        }
        let client = try HTTPClient(port: stack.port)
        #expect(try client.request("GET", "/readyz").status == 503)
        #expect(try client.request("GET", "/healthz").status == 200)
        try stack.redis.start()
        // It recovers by itself.
        while try stack.state("POST", #"{"version":1,"state":{}}"#).status != 200 { usleep(10_000) }
        usleep(200_000)
        let statuses = load.stop().statuses
        #expect(statuses.filter { ![200, 404, 429, 503].contains($0.key) }.isEmpty, "\(statuses)")
    }

    @Test func aRedisThatHangsIsAnswered503InTime() throws {
        let stack = try Stack(["--redis-timeout", "300"])
        _ = try stack.state("POST", #"{"version":1,"state":{}}"#)
        stack.redis.signal(SIGSTOP)
        for _ in 0..<5 { #expect(try stack.state("GET").status == 503) }
        stack.redis.signal(SIGCONT)
        while try stack.state("GET").status != 200 { usleep(10_000) }
    }

    @Test func aFullRedisRefusesSavesAndServesReads() throws {
        let stack = try Stack(redisArguments: ["--maxmemory-policy", "noeviction"])
        _ = try stack.state("POST", #"{"version":1,"state":{}}"#)
        try stack.redis.cli("CONFIG", "SET", "maxmemory", "1")
        let full = try stack.state("POST", #"{"version":2,"state":{}}"#)
        #expect(full.status == 507 && full.isProblem("storage-full"))
        #expect(try stack.state("GET").text.contains(#""version":1,"#))
        try stack.redis.cli("CONFIG", "SET", "maxmemory", "0")
        #expect(try stack.state("POST", #"{"version":2,"state":{}}"#).status == 200)
    }

    @Test func aDiskThatIsFullIs503() throws {
        let stack = try Stack(redisArguments: ["--dbfilename", "taken.rdb"])
        // Redis refuses writes once it could not save its data: here, because a folder is in the way.
        try FileManager.default.createDirectory(
            atPath: stack.folder.file("taken.rdb/x"),
            withIntermediateDirectories: true
        )
        try stack.redis.cli("CONFIG", "SET", "save", "3600 1")
        try stack.redis.cli("BGSAVE")
        var attempts = 0
        while !(try stack.redis.cli("INFO", "persistence").contains("rdb_last_bgsave_status:err")), attempts < 500 {
            usleep(10_000)
            attempts += 1
        }
        #expect(try stack.state("POST", #"{"version":2,"state":{}}"#).status == 503)
        #expect(try stack.state("GET").status == 404)
    }

    @Test func clientsThatHangUpLeaveNothingBehind() throws {
        let stack = try Stack()
        let head = "POST \(Stack.path) HTTP/1.1\r\nHost: x\r\n\(Stack.alice.0): \(Stack.alice.1)\r\n"
        let body = "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"version\":1,"
        let request = Array((head + body).utf8)
        for _ in 0..<20 { try HTTPClient(port: stack.port).send(request) }
        #expect(try stack.state("GET").status == 404)
        #expect(try stack.redis.cli("DBSIZE") == "0")
    }
}

/// Answers by some number, collected from many threads.
private final class Answers: @unchecked Sendable {
    // Safe: the lock guards the dictionary.
    private let lock = NSLock()
    private var collected: [Int: String] = [:]

    var all: [Int: String] { lock.withLock { collected } }

    func add(_ number: Int, _ text: String) { lock.withLock { collected[number] = text } }
}

/// Gives each number to one thread.
private final class Counter: @unchecked Sendable {
    // Safe: the lock guards the number.
    private let lock = NSLock()
    private var value = 0

    func next(below limit: Int) -> Int? {
        lock.withLock {
            defer { value += 1 }
            return value < limit ? value : nil
        }
    }
}
