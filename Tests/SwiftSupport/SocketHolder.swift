import Foundation

/// Holds listening sockets and hands them to workers, as systemd does for a service with `Sockets=`: the sockets stay
/// while workers come and go.
public final class SocketHolder {
    /// Paths of the sockets, each its name and `.sock`.
    public let paths: [String]
    private let folder: TemporaryFolder
    private let holder: RunningProcess
    private var started = 0

    /// Each line that comes through a named pipe is a command to run on all of the sockets; its output goes to the file
    /// at its head, and so does its exit status, at the end.
    private static let program = """
        import os, shlex, socket, sys, threading
        sockets = []
        for path in sys.argv[2:]:
            sockets.append(socket.socket(socket.AF_UNIX))
            sockets[-1].bind(path); os.chmod(path, 0o666); sockets[-1].listen(4096)
        print("holding", flush=True)
        def wait(pid, log):
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            open(log, "a").write(f"exit status {code}\\n")
        while True:
            for line in open(sys.argv[1]):
                log, *command = shlex.split(line)
                pid = os.fork()
                if pid == 0:
                    # Above where they are to be, so that none overwrites another.
                    high = [os.dup2(s.fileno(), 100 + index) for index, s in enumerate(sockets)]
                    for index, descriptor in enumerate(high): os.dup2(descriptor, 3 + index)
                    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                    os.dup2(output, 1); os.dup2(output, 2)
                    os.closerange(3 + len(sockets), 200)
                    os.environ.update(LISTEN_FDS=str(len(sockets)), LISTEN_PID=str(os.getpid()))
                    os.write(1, f"pid {os.getpid()}\\n".encode())
                    os.execvp(command[0], command)
                threading.Thread(target=wait, args=(pid, log), daemon=True).start()
        """

    /// Opens sockets of these names in a folder.
    public init(in folder: TemporaryFolder, names: [String]) throws {
        self.folder = folder
        paths = names.map { folder.file($0 + ".sock") }
        let pipe = folder.file("commands")
        guard mkfifo(pipe, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
        let holder = try RunningProcess(
            ["/usr/bin/python3", "-c", Self.program, pipe] + paths,
            log: folder.file("holder.log")
        )
        try holder.until { holder.output.contains("holding") }
        self.holder = holder
    }

    /// A worker that was started on the sockets.
    public struct HeldWorker {
        fileprivate let log: String
        fileprivate let holder: RunningProcess

        /// What it has printed.
        public var output: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

        /// Sends it a signal.
        public func signal(_ number: Int32) {
            guard let pid = pid_t(output.dropFirst(4).prefix { $0.isNumber }), !output.contains("exit status") else {
                return
            }
            kill(pid, number)
        }

        /// Waits for its end and returns its exit status.
        public func wait() throws -> Int32? {
            try holder.until { output.contains("exit status") }
            return Int32(output.components(separatedBy: "exit status ").last?.dropLast() ?? "")
        }
    }

    /// Starts a worker, and returns once it serves.
    public func startWorker(redis: String, _ arguments: [String] = []) throws -> HeldWorker {
        started += 1
        let worker = HeldWorker(log: folder.file("held-\(started).log"), holder: holder)
        let program = ["setpriv", "--pdeathsig", "TERM", Worker.program, "--redis", redis] + arguments
        let line = ([worker.log] + program).joined(separator: " ") + "\n"
        try line.write(toFile: folder.file("commands"), atomically: false, encoding: .utf8)
        try holder.until { worker.output.contains("serving") || worker.output.contains("exit status") }
        return worker
    }
}
