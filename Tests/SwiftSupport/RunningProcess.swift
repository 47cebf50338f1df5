import Foundation

/// A program that a test has started, ended at the latest with the object or the test run.
public final class RunningProcess: @unchecked Sendable {
    // Safe: the lock guards the status.
    private let lock = NSLock()
    private var status: Int32?
    private let logPath: String

    /// Its id.
    public let pid: pid_t

    /// A program did not start, or did not do what was awaited.
    public struct Failed: Error { let output: String }

    /// Starts a program, found on the PATH, with its output in a file.
    public init(_ command: [String], environment: [String: String] = [:], log: String) throws {
        logPath = log
        pid = Spawner.start(command, environment: environment, log: log)
        guard pid > 0 else { throw Failed(output: "\(command) cannot be started") }
    }

    deinit {
        // First the polite way: nginx takes its own processes with it.
        signal(SIGTERM)
        for _ in 0..<300 where isRunning { usleep(10_000) }
        signal(SIGKILL)
        wait()
    }

    /// Whether it has not ended.
    public var isRunning: Bool { collect(WNOHANG) == nil }
    /// What it has printed.
    public var output: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// Sends a signal, unless it has ended.
    public func signal(_ number: Int32) { if isRunning { kill(pid, number) } }

    /// Waits for its end.
    /// - Returns: the exit status, or the negative number of the signal that ended it.
    @discardableResult
    public func wait() -> Int32 { collect(0) ?? -1 }

    /// SIGTERM, and waits.
    @discardableResult
    public func stop() -> Int32 {
        signal(SIGTERM)
        return wait()
    }

    private func collect(_ options: Int32) -> Int32? {
        lock.withLock {
            if let status { return status }
            var code: Int32 = 0
            guard waitpid(pid, &code, options) == pid else { return nil }
            status = code & 0x7F == 0 ? code >> 8 & 0xFF : -(code & 0x7F)
            return status
        }
    }

    /// Waits until `condition` holds.
    /// - Throws: ``Failed`` if the program ends before, or after ten seconds.
    public func until(_ condition: () -> Bool) throws {
        for _ in 0..<1000 {
            if condition() { return }
            guard isRunning else { break }
            usleep(10_000)
        }
        throw Failed(output: output)
    }

    /// Runs a program to its end and returns what it printed.
    public static func output(of command: [String]) throws -> String {
        let folder = try TemporaryFolder()
        let process = try RunningProcess(command, log: folder.file("output"))
        process.wait()
        return process.output
    }
}
