import Foundation
import SwiftSupport
import Testing

/// What a service manager hears of a worker.
@Suite(.timeLimit(.minutes(5)))
struct SupervisionTests {
    /// A socket as systemd has one.
    private final class Listener {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        private(set) var heard: [String] = []

        /// - Parameter name: a path, or a name without a file that begins with `@`.
        init(_ name: String) throws {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            var bytes = Array(name.utf8)
            if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(status == 0)
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(descriptor) }

        /// Listens until somebody says such a line.
        func hear(_ line: String) throws {
            while !heard.contains(where: { $0.hasPrefix(line) }) {
                var text = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &text, text.count, 0)
                try #require(count > 0, "only heard \(heard)")
                heard += String(decoding: text[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
            }
        }
    }

    @Test(arguments: [false, true])
    func itIsToldWhenAWorkerAcceptsAndStopsAndHowItDoes(isAbstract: Bool) throws {
        let folder = try TemporaryFolder()
        let redis = try RedisProcess(in: folder)
        let name = isAbstract ? "@dashboard-state-\(UInt64.random(in: .min ... .max))" : folder.file("notify")
        let listener = try Listener(name)
        let worker = try RunningProcess(
            [Worker.program, "--listen", "unix:" + folder.file("s"), "--redis", redis.url],
            environment: ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"],
            log: folder.file("log")
        )
        try listener.hear("READY=1")
        let client = try FastCGIClient(path: folder.file("s"))
        let read = [
            ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/dashboard/state"), ("REMOTE_USER", "a"),
            ("REMOTE_WORKSPACE", "b"),
        ]
        #expect(try client.roundTrip(read).status == 404)
        try listener.hear("STATUS=connected to Redis")
        try listener.hear("WATCHDOG=1")
        redis.signal(SIGKILL)
        for _ in 0..<3 { #expect(try client.roundTrip(read).status == 503) }
        try listener.hear("STATUS=Redis cannot be used: ")
        #expect(!listener.heard.contains("STOPPING=1"))
        worker.signal(SIGTERM)
        try listener.hear("STOPPING=1")
        _ = try? client.roundTrip(read)
        #expect(worker.wait() == 0)
    }

    @Test func anAddressBesideSocketsThatAreHandedOverIsToldOf() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("handed.sock")
        // systemd-socket-activate does so; python is everywhere.
        let code = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); os.dup2(s.fileno(), 0)
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let worker = try RunningProcess(
            [
                "/usr/bin/python3", "-c", code, path, Worker.program, "--listen", "unix:/no/where", "--redis",
                "unix:///no",
            ],
            log: folder.file("log")
        )
        try worker.until { worker.output.contains("serving") }
        let lines = worker.output.split(separator: "\n")
        let warning = try #require(lines.first { $0.contains("has no effect") })
        #expect(warning.contains("--listen (DASHBOARD_STATE_LISTEN)") && warning.contains(path), "\(warning)")
    }
}
