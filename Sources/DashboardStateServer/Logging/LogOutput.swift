import CLinux
import EventLoop
import Glibc
import Synchronization

/// The lines that are on their way to standard error. A thread of their own writes them, since whoever should read them
/// may have stopped doing so: nothing else ever waits for that. What does not fit meanwhile is lost, and counted.
enum LogOutput {
    private struct Backlog {
        /// Whole lines that nobody has begun to write.
        var lines: [UInt8] = []
        /// How many lines did not fit, or could not be written, and were not told of.
        var lost = 0
        var counts = Counts()
        var writer = Writer.none
        /// Whether the writer is at work, and will look at `lines` again.
        var isAwake = false
        /// Whether it has taken lines that it has not written yet.
        var isWriting = false
        var lineAboutLoss: @Sendable (Int) -> [UInt8] = { Array("\($0) lines of the log were lost".utf8) }
    }

    private enum Writer {
        case none, running
        /// The system gives no thread: whoever has lines writes them.
        case impossible
    }

    /// How many lines there were.
    struct Counts {
        /// Those that somebody wanted to write.
        var all = 0
        /// Those of them that did not fit, or could not be written.
        var lost = 0
    }

    /// So far.
    static var counts: Counts { backlog.withLock { $0.counts } }

    private static let backlog = Mutex(Backlog())
    /// Whether there may be lines: asked before each wait of a loop, without the lock.
    private static let hasLines = Atomic(false)
    /// Wakes the writer; -1 where there is none.
    private static let wakeUp = eventfd(0, Int32(EFD_CLOEXEC))
    /// Lines are not held back beyond this many bytes.
    private static let most = 64 << 10
    /// Lines are lost beyond this many bytes.
    private static let mostHeld = 256 << 10
    /// Microseconds that the writer lets lines gather in, once it has written some.
    private static let pause: UInt32 = 2000

    /// Has losses told by this line, which is given their number.
    static func tellLosses(by line: @escaping @Sendable (Int) -> [UInt8]) {
        backlog.withLock { $0.lineAboutLoss = line }
    }

    /// Adds a line, without its end.
    /// - Parameter isUrgent: whether it is to be written now, with those before it.
    static func add(isUrgent: Bool, _ write: (inout [UInt8]) -> Void) {
        let isToWake = backlog.withLock { backlog in
            backlog.counts.all += 1
            guard backlog.lines.count < mostHeld else {
                backlog.lost += 1
                backlog.counts.lost += 1
                return false
            }
            write(&backlog.lines)
            backlog.lines.append(UInt8(ascii: "\n"))
            hasLines.store(true, ordering: .releasing)
            return (isUrgent || backlog.lines.count > most) && wakes(&backlog)
        }
        if isToWake { wake() }
    }

    /// Has written what was added. To be called before a loop waits.
    static func flush() {
        guard hasLines.load(ordering: .acquiring) else { return }
        if backlog.withLock({ !$0.lines.isEmpty && wakes(&$0) }) { wake() }
    }

    /// Waits until what was added is written, but no longer than this. To be called before the process ends.
    /// - Parameter time: nanoseconds.
    static func finish(within time: UInt64 = 1_000_000_000) {
        flush()
        let deadline = Clock.monotonic() + time
        while backlog.withLock({ $0.isWriting || !$0.lines.isEmpty }), Clock.monotonic() < deadline { usleep(200) }
    }

    /// Whether the writer has to be woken, which its caller then does, outside of the lock.
    private static func wakes(_ backlog: inout Backlog) -> Bool {
        defer { backlog.isAwake = true }
        return !backlog.isAwake
    }

    private static func wake() {
        let isFirst = backlog.withLock { backlog in
            defer { if backlog.writer == .none { backlog.writer = .running } }
            return backlog.writer == .none
        }
        if isFirst, wakeUp < 0 || (try? LoopThread.start(name: "log", { run() })) == nil {
            backlog.withLock { $0.writer = .impossible }
        }
        if backlog.withLock({ $0.writer == .impossible }) { writeAll() } else { eventfd_write(wakeUp, 1) }
    }

    private static func run() {
        while true {
            var count: eventfd_t = 0
            eventfd_read(wakeUp, &count)
            writeAll()
        }
    }

    private static func writeAll() {
        var chunk: [UInt8] = []
        var isCut = false
        while true {
            let lost = backlog.withLock { take(&chunk, &$0) }
            guard let lost else { return }
            // What follows a line that could be written in part only is a line of its own.
            if isCut { chunk.insert(UInt8(ascii: "\n"), at: 0) }
            let written = chunk.withUnsafeBytes { write($0) }
            let unwritten = chunk[written...].count { $0 == UInt8(ascii: "\n") }
            isCut = written > 0 ? chunk[written - 1] != UInt8(ascii: "\n") : isCut
            backlog.withLock { backlog in
                if unwritten > 0 {
                    let ownUnwritten = unwritten - (lost > 0 ? 1 : 0)
                    backlog.lost += lost + ownUnwritten
                    backlog.counts.lost += ownUnwritten
                }
                backlog.isWriting = false
            }
            usleep(pause)
        }
    }

    /// Takes all lines, and the one about those that are lost.
    /// - Returns: how many are, or `nil` where there is nothing to write and the writer may sleep.
    private static func take(_ chunk: inout [UInt8], _ backlog: inout Backlog) -> Int? {
        guard !backlog.lines.isEmpty else {
            backlog.isAwake = false
            return nil
        }
        chunk.removeAll(keepingCapacity: true)
        swap(&chunk, &backlog.lines)
        hasLines.store(false, ordering: .releasing)
        backlog.isWriting = true
        let lost = backlog.lost
        backlog.lost = 0
        if lost > 0 { chunk += backlog.lineAboutLoss(lost) + [UInt8(ascii: "\n")] }
        return lost
    }

    /// Writes lines, several at a time but never more than a pipe takes in one piece, so that those of several processes
    /// do not mix. Waits where standard error does.
    /// - Returns: how many bytes it has taken before it failed.
    private static func write(_ lines: UnsafeRawBufferPointer) -> Int {
        var at = 0
        while at < lines.count {
            let rest = UnsafeRawBufferPointer(rebasing: lines[at...])
            let count = Glibc.write(STDERR_FILENO, rest.baseAddress, piece(of: rest))
            if count > 0 {
                at += count
            } else if count < 0, errno == EAGAIN {
                // Somebody who has the same pipe does not want to wait there.
                var waiting = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return at
    }

    /// The length of as many whole lines as fit into `PIPE_BUF`, one at least.
    private static func piece(of lines: UnsafeRawBufferPointer) -> Int {
        let newline = UInt8(ascii: "\n")
        guard lines.count > Int(PIPE_BUF) else { return lines.count }
        if let last = lines[..<Int(PIPE_BUF)].lastIndex(of: newline) { return last + 1 }
        return lines.firstIndex(of: newline).map { $0 + 1 } ?? lines.count
    }
}
