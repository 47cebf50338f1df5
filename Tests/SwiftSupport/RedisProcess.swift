import Foundation

/// A Redis of the test's own, on a Unix socket in a folder.
public final class RedisProcess: @unchecked Sendable {
    // Safe: tests start and stop it from one thread at a time.
    private var process: RunningProcess?
    private let arguments: [String]
    private let log: String

    /// Path of its socket.
    public let socket: String
    /// Its `REDIS_URL`.
    public var url: String { "unix://" + socket }

    /// Starts one.
    /// - Parameter arguments: further options, such as `--requirepass`.
    public init(in folder: TemporaryFolder, _ arguments: [String] = []) throws {
        socket = folder.file("redis.sock")
        log = folder.file("redis.log")
        self.arguments =
            ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder.path] + arguments
        try start()
    }

    /// Starts it again, where it was.
    public func start() throws {
        let process = try RunningProcess(arguments, log: log)
        self.process = process
        try process.until { process.output.contains("ready to accept connections") }
    }

    /// Stops it; nothing that it held is kept.
    public func stop() {
        process?.signal(SIGKILL)
        process?.wait()
    }

    /// Sends it a signal, such as SIGSTOP.
    public func signal(_ number: Int32) { process?.signal(number) }

    /// Runs a command with redis-cli and returns what it prints, without the line end.
    @discardableResult
    public func cli(_ command: String...) throws -> String {
        let output = try RunningProcess.output(of: ["redis-cli", "-s", socket, "--raw"] + command)
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }
}
