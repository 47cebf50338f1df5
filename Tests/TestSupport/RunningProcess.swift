import Foundation

/// A program that a test has started, ended at the latest with the object or the test run.
public final class RunningProcess: @unchecked Sendable {
    // Safe: Process is documented as usable from any thread, and nothing else here changes.
    private let process = Process()
    private let logPath: String

    /// Starts a program, found on the PATH, with its output in a file.
    public init(_ command: [String], environment: [String: String] = [:], log: String) throws {
        logPath = log
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let output = FileHandle(forWritingAtPath: log)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The kernel ends it even if the test run is killed.
        process.arguments = ["setpriv", "--pdeathsig", "KILL"] + command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Its id.
    public var pid: Int32 { process.processIdentifier }
    /// Whether it has not ended.
    public var isRunning: Bool { process.isRunning }
    /// What it has printed.
    public var output: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// Sends a signal.
    public func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end.
    /// - Returns: the exit status, or the negative number of the signal that ended it.
    @discardableResult
    public func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// SIGTERM, and waits.
    @discardableResult
    public func stop() -> Int32 {
        signal(SIGTERM)
        return wait()
    }

    /// Waits until `condition` holds.
    /// - Throws: ``NotReady`` if the program ends before, or after ten seconds.
    public func until(_ condition: () -> Bool) throws {
        for _ in 0..<1000 {
            if condition() { return }
            guard isRunning else { break }
            usleep(10_000)
        }
        throw NotReady(output: output)
    }

    /// A program did not do what was awaited.
    public struct NotReady: Error { let output: String }

    /// Runs a program to its end and returns what it printed to standard output.
    public static func output(of command: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = FileHandle.standardError
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
