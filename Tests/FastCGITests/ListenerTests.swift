import Glibc
import TestSupport
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
