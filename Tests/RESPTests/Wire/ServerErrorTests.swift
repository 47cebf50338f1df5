import Testing

@testable import RESP

/// Errors as servers write them: Redis 6.2, 7.0, 8, Valkey, and proxies.
struct ServerErrorTests {
    @Test(arguments: [
        ("OOM command not allowed when used memory > 'maxmemory'.", ServerError.Code.outOfMemory),
        ("READONLY You can't write against a read only replica.", .readOnly),
        ("MISCONF Redis is configured to save RDB snapshots", .misconf),
        ("NOREPLICAS Not enough good replicas to write.", .noReplicas),
        ("NOSCRIPT No matching script. Please use EVAL.", .noScript),
        ("ERR max number of clients reached", .maxClients),
        ("ERR max number of clients + cluster connections reached", .maxClients),
        ("ERR unknown command `HELLO`, with args beginning with: `3`", .unknownCommand),
        ("ERR invalid password", .wrongPassword),
        // Inside a script.
        (
            "ERR Error running script (call to f_0123): @user_script:12: SET refused: @user_script: 12: -READONLY You",
            .readOnly
        ),
        (
            "ERR SET refused: ERR ACL failure in script: User app has no permissions to run the 'set' command script: on x",
            .noPermission
        ),
        (
            "ERR Error running script (call to f_0): @user_script:9: SET refused: -OOM command not allowed",
            .outOfMemory
        ),
        ("ERR SET refused: OOM command not allowed script: f_01, on @user_script:9.", .outOfMemory),
        (
            """
            ERR Error running script (call to f_0): @user_script:3: GETRANGE refused: @user_script: 3: The user executing \
            the script can't run this command or subcommand
            """, .noPermission
        ),
    ])
    func theCodeIsFound(message: String, code: ServerError.Code) {
        #expect(ServerError(message: message).code == code)
    }

    @Test(arguments: [
        "upstream failure", "unsupported command 'HELLO'", "ERR Connection timed out", "ERR something else", "",
        "no upstream host READONLY", "ERR upstream connection refused: READONLY", "ERR refused: READONLY",
        "ERR the key OOM is not what it seems",
    ])
    func othersHaveNone(message: String) {
        let error = ServerError(message: message)
        #expect(error.code == nil && !error.isFromScript)
    }

    @Test func theCommandIsNamed() {
        let denied = ServerError(
            message: "NOPERM this user has no permissions to run the 'get' command or its subcommand"
        )
        #expect(denied.command == "get" && denied.code == .noPermission && !denied.isFromScript)
        let inScript = ServerError(
            message: "ERR GETRANGE refused: NOPERM User app has no permissions script: f_0, on x"
        )
        #expect(inScript.command == "getrange" && inScript.isFromScript)
        // A key that a message quotes is not taken for a command.
        let key = ServerError(message: "NOPERM No permissions to access the 'run the 'SECRET' key")
        #expect(key.command == nil)
    }

    @Test func rolesAreRead() throws {
        #expect(
            try withReply("%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$4\r\nrole\r\n$6\r\nmaster\r\n") { Role($0) } == .master
        )
        #expect(try withReply("%1\r\n$4\r\nrole\r\n$7\r\nreplica\r\n") { Role($0) } == .replica)
        #expect(
            try withReply("*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$4\r\nrole\r\n$7\r\nreplica\r\n") { Role($0) }
                == .replica
        )
        #expect(try withReply("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n") { Role($0) } == .master)
        #expect(try withReply("*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:1\r\n$4\r\nsync\r\n:-1\r\n") { Role($0) } == .replica)
        #expect(try withReply("*0\r\n") { Role($0) } == .unknown)
        #expect(try withReply("%0\r\n") { Role($0) } == .unknown)
        #expect(try withReply("+OK\r\n") { Role($0) } == .unknown)
    }
}
