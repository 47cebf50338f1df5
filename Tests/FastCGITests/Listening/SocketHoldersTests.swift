import Glibc
import Testing

@testable import FastCGI

struct SocketHoldersTests {
    /// Of a socket that another process listens on too, nothing may be shut when this one stops.
    @Test func whoeverElseHasASocketIsFound() throws {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(socket >= 0)
        defer { close(socket) }
        #expect(!SocketHolders.exist(besidesThis: socket))

        // It gets the socket as descriptor 0, as spawn-fcgi hands one over.
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO)
        var process: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
        defer { for argument in arguments { free(argument) } }
        try #require(posix_spawnp(&process, "sleep", &actions, nil, &arguments, environ) == 0)
        let exists = SocketHolders.exist(besidesThis: socket)
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        #expect(exists)
        #expect(!SocketHolders.exist(besidesThis: socket))
    }
}
