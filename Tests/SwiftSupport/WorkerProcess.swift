import Foundation

/// The program under test, as operators start it.
public enum Worker {
    /// The release build where the environment names one, otherwise the one built with the tests.
    public static let program: String =
        ProcessInfo.processInfo.environment["DASHBOARD_STATE_WORKER"]
        ?? Bundle.main.executableURL?.deletingLastPathComponent().appendingPathComponent("dashboard-state-fcgi").path
        ?? ""

    /// Starts a worker and waits until it serves.
    public static func start(
        in folder: TemporaryFolder,
        name: String = "worker-1",
        redis: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> RunningProcess {
        let process = try RunningProcess(
            [program, "--listen", "unix:" + folder.file(name + ".sock"), "--socket-mode", "0666", "--redis", redis]
                + arguments,
            environment: environment,
            log: folder.file(name + "-\(UInt32.random(in: .min ... .max)).log")
        )
        try process.until { process.output.contains("serving") }
        return process
    }

    /// Runs it to its end, for what it says and how it exits.
    public static func run(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let folder = try TemporaryFolder()
        let process = try RunningProcess([program] + arguments, environment: environment, log: folder.file("log"))
        let status = process.wait()
        return (status, process.output)
    }
}
