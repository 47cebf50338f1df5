import Foundation
import SwiftSupport
import Testing

/// Standard error that somebody should read and does not, and the signals that must work all the same.
@Suite(.timeLimit(.minutes(5)))
struct LogTests {
    private let folder: TemporaryFolder
    private let redis: RedisProcess
    private let pipe: String
    /// Both ends of the pipe, so that it stays open.
    private let descriptor: Int32

    init() throws {
        folder = try TemporaryFolder()
        redis = try RedisProcess(in: folder)
        pipe = folder.file("stderr")
        guard mkfifo(pipe, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
        descriptor = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    }

    /// A worker whose standard error is the pipe.
    private func startWorker(blocking: Bool = true) throws -> RunningProcess {
        let code = """
            import os, sys
            error = os.open(sys.argv[1], os.O_WRONLY)
            os.set_blocking(error, \(blocking ? "True" : "False"))
            os.dup2(error, 2)
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let worker = try RunningProcess(
            [
                "/usr/bin/python3", "-c", code, pipe, Worker.program, "--listen", "unix:" + folder.file("s"),
                "--redis", redis.url, "--drain-timeout", "1",
            ],
            log: folder.file("log")
        )
        // The file is there before anybody listens.
        let socket = folder.file("s")
        try worker.until { (try? FastCGIClient(path: socket)) != nil }
        return worker
    }

    private func request(_ count: Int) throws {
        let client = try FastCGIClient(path: folder.file("s"))
        let params = [
            ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/dashboard/state"), ("REMOTE_USER", "u"),
            ("REMOTE_WORKSPACE", "w"), ("REQUEST_ID", String(repeating: "a", count: 64)),
        ]
        for _ in 0..<count { #expect(try client.roundTrip(params).status == 404) }
    }

    /// Reads what is in the pipe until the text holds something.
    private func readLog(until isEnough: (String) -> Bool) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        for _ in 0..<2000 {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 { bytes += chunk[..<count] } else { usleep(5000) }
            let text = String(decoding: bytes, as: UTF8.self)
            if isEnough(text) { return text }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [true, false])
    func whereNobodyReadsLinesAreLostAndCountedAndNothingWaits(blocking: Bool) throws {
        let worker = try startWorker(blocking: blocking)
        // The pipe takes 64 KiB, the worker holds four times as much, and a line has more than 200 bytes.
        let count = 3000
        try request(count)
        let log = readLog { $0.contains("lines were lost") && $0.hasSuffix("\n") }
        let lines = log.split(separator: "\n")
        let told = lines.filter { $0.contains("lines were lost") }
        let lost = told.compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }.reduce(0, +)
        let requests = lines.filter { $0.contains(" info request route=state method=GET status=404") }
        #expect(told.count == 1 && lost > 0 && requests.count + lost == count)
        // None is cut.
        #expect(requests.allSatisfy { $0.hasSuffix("trace_id=" + String(repeating: "a", count: 64)) })
        #expect(lines.allSatisfy { $0.hasPrefix("20") })
        // And then all is as before.
        try request(10)
        #expect(readLog { $0.split(separator: "\n").count == 10 }.hasSuffix("\n"))
        #expect(worker.stop() == 0)
        close(descriptor)
    }

    @Test func aWorkerThatNobodyReadsStopsAndEndsAtOnceWhenAskedTwice() throws {
        let stopped = try startWorker()
        try request(1000)
        #expect(stopped.stop() == 0)

        let ended = try startWorker()
        try request(1000)
        // It would wait for this connection.
        let idle = try FastCGIClient(path: folder.file("s"))
        ended.signal(SIGTERM)
        while FileManager.default.fileExists(atPath: folder.file("s")) { usleep(1000) }
        ended.signal(SIGTERM)
        #expect(ended.wait() == 1)
        _ = idle
        close(descriptor)
    }

    /// Without a reader at all.
    @Test func aPipeThatIsClosedLosesLinesAndNothingElse() throws {
        let worker = try startWorker()
        close(descriptor)
        try request(1000)
        #expect(worker.stop() == 0)
    }

    @Test(arguments: [SIGHUP, SIGUSR1, SIGINT])
    func otherSignalsStopItToo(signal: Int32) throws {
        let worker = try Worker.start(in: folder, redis: redis.url)
        worker.signal(signal)
        #expect(worker.wait() == 0 && worker.output.contains("stopped"))
        close(descriptor)
    }

    @Test func whoeverIgnoresHangUpsGoesOn() throws {
        let worker = try RunningProcess(
            ["nohup", Worker.program, "--listen", "unix:" + folder.file("s"), "--redis", redis.url],
            log: folder.file("log")
        )
        try worker.until { worker.output.contains("serving") }
        worker.signal(SIGHUP)
        try request(10)
        #expect(worker.stop() == 0)
        close(descriptor)
    }
}
