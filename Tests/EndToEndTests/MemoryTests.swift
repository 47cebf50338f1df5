import Foundation
import SwiftSupport
import Testing

/// What a worker takes while much comes, and what it keeps of that.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct MemoryTests {
    private let worker: DirectWorker

    init() throws {
        worker = try DirectWorker(environment: ["DASHBOARD_STATE_MAX_BODY": "67108864"])
    }

    /// In KiB.
    private func status(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(worker.process.pid)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") } ?? ""
        return Int(line.split { !$0.isNumber }.first ?? "") ?? 0
    }

    /// The beginning of a save, up to so many bytes of its body.
    private func beginSave(announced: Int, sent: Int) throws -> FastCGIClient {
        let params = DirectWorker.params("POST", user: "alice", [("CONTENT_LENGTH", String(announced))])
        let body = [UInt8](repeating: 0x78, count: sent)
        let client = try worker.client()
        try client.send(
            FastCGIRecords.begin() + FastCGIRecords.stream(4, FastCGIRecords.pairs(params))
                + FastCGIRecords.stream(5, body).dropLast(8)
        )
        return client
    }

    @Test func memoryIsTakenForWhatArrives() throws {
        let before = try status("VmSize")
        let clients = try (0..<100).map { _ in try beginSave(announced: 64 << 20, sent: 1) }
        #expect(try worker.state("GET").status == 404)
        // 6.4 GB were announced.
        #expect(try status("VmSize") - before < 300 << 10)
        _ = clients
    }

    @Test(arguments: ["bodies that stall", "bodies that come late", "answers that nobody reads"])
    func whatAPeakTookGoesBack(peak: String) throws {
        if peak == "answers that nobody reads" {
            let text = String(repeating: "x", count: 900_000)
            #expect(try worker.state("POST", #"{"version":1,"state":{"text":"\#(text)"}}"#).status == 200)
        }
        let before = try status("VmRSS")
        var clients = try (0..<100).map { _ in
            if peak == "bodies that stall" { return try beginSave(announced: 1_000_000, sent: 900_000) }
            if peak == "bodies that come late" { return try beginSave(announced: 1_000_000, sent: 1) }
            let client = try worker.client()
            try client.send(FastCGIRecords.request(DirectWorker.params("GET", user: "alice")))
            return client
        }
        if peak == "bodies that come late" {
            // Long enough for the worker to see that nothing much has come.
            usleep(700_000)
            let piece = FastCGIRecords.stream(5, [UInt8](repeating: 0x78, count: 90_000)).dropLast(8)
            // One of each in turn, so that none counts as stalled, however slow the machine is.
            for _ in 0..<10 {
                for client in clients { try client.send(Array(piece)) }
            }
        }
        try waitForResident { $0 > before + (50 << 10) }
        clients.removeAll()
        try waitForResident { $0 < before + (20 << 10) }
    }

    /// Each of them is small, and all wait for a Redis that does not answer.
    @Test func whatManyRequestsTookGoesBack() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(try worker.state("GET").status == 404)
        let before = try status("VmRSS")
        worker.redis.signal(SIGSTOP)
        defer { worker.redis.signal(SIGCONT) }
        let text = String(repeating: "x", count: 12_000)
        let request = FastCGIRecords.request(
            DirectWorker.params("POST", user: "alice"),
            body: Array(#"{"version":1,"state":{"text":"\#(text)"}}"#.utf8)
        )
        var clients = try (0..<3000).map { _ in
            let client = try worker.client()
            try client.send(request)
            return client
        }
        try waitForResident { $0 > before + (30 << 10) }
        clients.removeAll()
        try waitForResident { $0 < before + (20 << 10) }
    }

    /// Waits for what is resident, in KiB, to be as wanted, and tells what it was if that never comes.
    private func waitForResident(_ isReached: (Int) -> Bool) throws {
        var resident = 0
        do {
            try worker.process.until {
                resident = (try? status("VmRSS")) ?? resident
                return isReached(resident)
            }
        } catch {
            Issue.record("\(resident) KiB are resident")
            throw error
        }
    }
}
