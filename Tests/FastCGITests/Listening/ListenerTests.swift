import EventLoop
import Glibc
import SwiftSupport
import Synchronization
import Testing

@testable import FastCGI

struct ListenerTests {
    @Test func aUnixSocketHasTheModeThatWasAskedFor() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.sock")
        let listener = try Listener(.unix(path: path), access: SocketAccess(mode: 0o640))
        defer { listener.close() }
        var info = stat()
        #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o640)
        #expect(!listener.isRemote)
    }

    @Test func aStaleSocketIsReplacedAndALiveOneIsNot() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.sock")
        let first = try Listener(.unix(path: path))
        #expect(throws: FastCGIError.inUse("unix:\(path)")) { try Listener(.unix(path: path)) }
        first.close()
        let second = try Listener(.unix(path: path))
        second.withdraw()
        #expect(access(path, F_OK) != 0)
        second.close()
    }

    /// Each time there is a left-over, which all of them find at once.
    @Test func ofSeveralThatStartOnOnePathOneServes() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.sock")
        for _ in 0..<200 {
            unlink(path)
            leaveSocket(path)
            let starts = Starts()
            let threads = try (0..<4).map { index in
                try LoopThread.start(name: "start-\(index)") {
                    starts.add(Result { try Listener(.unix(path: path)) })
                }
            }
            for thread in threads { thread.join() }
            let serving = starts.results.compactMap { try? $0.get() }
            let refused = starts.results.filter { result in
                if case .failure(let error) = result { error as? FastCGIError == .inUse("unix:\(path)") } else { false }
            }
            #expect(serving.count == 1 && refused.count == 3)
            for listener in serving { listener.close() }
        }
    }

    /// Leaves a socket behind that nobody listens on.
    private func leaveSocket(_ path: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = UnixAddress(path)
        #expect(address?.withPointer { bind(descriptor, $0, $1) } == 0)
    }

    @Test func aFolderThatSomebodyLocksForGoodIsSaidToBeThat() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.sock")
        let held = try FolderLock(SocketFolder(of: path))
        #expect(throws: FastCGIError.folderIsLocked(folder.path)) {
            _ = try FolderLock(SocketFolder(of: path), within: 20_000_000)
        }
        withExtendedLifetime(held) {}
    }

    @Test func anUnknownHostIsNamed() throws {
        let error = #expect(throws: FastCGIError.self) {
            try Listener(.tcp(host: "no-such-host.invalid", port: 9000))
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("tcp:no-such-host.invalid:9000") && text.contains("no address"))
    }

    @Test func aSocketThatTookThePathOverIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("s.sock")
        let first = try Listener(.unix(path: path))
        unlink(path)
        let second = try Listener(.unix(path: path))
        first.withdraw()
        #expect(access(path, F_OK) == 0)
        first.close()
        second.close()
    }

    @Test func anotherKindOfFileIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        #expect(throws: FastCGIError.notASocket(folder.path)) { try Listener(.unix(path: folder.path)) }
        let long = folder.file(String(repeating: "x", count: 200))
        #expect(throws: FastCGIError.pathTooLong(long, limit: 107)) { try Listener(.unix(path: long)) }
        let group = SocketAccess(group: "no-such-group-here")
        #expect(throws: FastCGIError.unknownGroup("no-such-group-here")) {
            try Listener(.unix(path: folder.file("s")), access: group)
        }
        #expect(access(folder.file("s"), F_OK) != 0)
    }

    @Test func whoCanConnectOverTCPIsKnown() throws {
        let loopback = try Listener(.tcp(host: "127.0.0.1", port: FreePort.find()))
        #expect(!loopback.isRemote)
        loopback.close()
        let everywhere = try Listener(.tcp(host: "0.0.0.0", port: FreePort.find()))
        #expect(everywhere.isRemote)
        everywhere.close()
    }
}

/// What several threads came to.
private final class Starts: Sendable {
    private let all = Mutex<[Result<Listener, any Error>]>([])

    var results: [Result<Listener, any Error>] { all.withLock { $0 } }

    func add(_ result: Result<Listener, any Error>) { all.withLock { $0.append(result) } }
}
