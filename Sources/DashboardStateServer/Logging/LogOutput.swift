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
        /// How many lines that were left out were told of, and from when on more of them may be, in monotonic nanoseconds.
        var toldLeftOut = 0
        var tellsLeftOutAt: UInt64 = 0
        /// Whether nothing waits for a better time to be told.
        var isEnding = false
        var writer = Writer.none
        /// Whether the writer is at work, and will look at `lines` again.
        var isAwake = false
        var lineAboutLoss: @Sendable (Loss, Int) -> [UInt8] = { Array("\($1): \($0.sentence)".utf8) }
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
        /// Those of them that were left out, did not fit, or could not be written.
        var lost = 0
    }

    /// Why lines are lost.
    enum Loss {
        case notTaken, leftOut

        var sentence: String {
            switch self {
            case .notTaken: "log lines were lost, as standard error did not take them"
            case .leftOut: "requests have left no line, as there were more in a second than are logged"
            }
        }
    }

    /// So far.
    static var counts: Counts {
        let leftOut = leftOut.load(ordering: .relaxed)
        var counts = backlog.withLock { $0.counts }
        counts.all += leftOut
        counts.lost += leftOut
        return counts
    }

    private static let backlog = Mutex(Backlog())
    /// Whether there may be lines: asked before each wait of a loop, without the lock.
    private static let hasLines = Atomic(false)
    /// Lines that were not even made.
    private static let leftOut = Atomic(0)
    /// Wakes the writer; -1 where there is none.
    private static let wakeUp = eventfd(0, Int32(EFD_CLOEXEC))
    /// Lines are not held back beyond this many bytes.
    private static let most = 64 << 10
    /// Lines are lost beyond this many bytes, and urgent ones beyond a quarter more.
    private static let mostHeld = 256 << 10
    private static let mostUrgent = mostHeld / 4 * 5
    /// Nanoseconds between lines that tell of those that were left out.
    private static let pauseOfLeftOut: UInt64 = 60_000_000_000
    /// Microseconds that the writer lets lines gather in, once it has written some.
    private static let pause: UInt32 = 2000

    /// Has losses told by this line, which is given their number.
    static func tellLosses(by line: @escaping @Sendable (Loss, Int) -> [UInt8]) {
        backlog.withLock { $0.lineAboutLoss = line }
    }

    /// Adds a line, without its end.
    /// - Parameter isUrgent: whether it is to be written now, with those before it.
    static func add(isUrgent: Bool, _ write: (inout [UInt8]) -> Void) {
        let waking = backlog.withLock { backlog in
            backlog.counts.all += 1
            guard backlog.lines.count < (isUrgent ? mostUrgent : mostHeld) else { return lose(&backlog) }
            write(&backlog.lines)
            backlog.lines.append(UInt8(ascii: "\n"))
            hasLines.store(true, ordering: .releasing)
            return isUrgent || backlog.lines.count > most ? wakes(&backlog) : .none
        }
        wake(waking)
    }

    /// Adds a line that is not urgent, with its end.
    static func add(_ line: UnsafeRawBufferPointer) {
        let waking = backlog.withLock { backlog in
            backlog.counts.all += 1
            guard backlog.lines.count < mostHeld else { return lose(&backlog) }
            backlog.lines.append(contentsOf: line)
            hasLines.store(true, ordering: .releasing)
            return backlog.lines.count > most ? wakes(&backlog) : .none
        }
        wake(waking)
    }

    private static func lose(_ backlog: inout Backlog) -> Waking {
        backlog.lost += 1
        backlog.counts.lost += 1
        return .none
    }

    /// Counts a line as lost that there would be too many of.
    static func leaveOut() { leftOut.wrappingAdd(1, ordering: .relaxed) }

    /// Has written what was added. To be called before a loop waits.
    static func flush() {
        guard hasLines.load(ordering: .acquiring) else { return }
        wake(backlog.withLock { $0.lines.isEmpty ? .none : wakes(&$0) })
    }

    /// Waits until what was added is written, but no longer than this. To be called before the process ends.
    /// - Parameter time: nanoseconds.
    static func finish(within time: UInt64 = 1_000_000_000) {
        let waking = backlog.withLock { backlog in
            backlog.isEnding = true
            return backlog.lines.isEmpty && countLeftOut(backlog) == 0 ? .none : wakes(&backlog)
        }
        wake(waking)
        let deadline = Clock.monotonic() + time
        while backlog.withLock({ $0.isAwake || !$0.lines.isEmpty }), Clock.monotonic() < deadline { usleep(200) }
    }

    /// What the caller has to do once it has let go of the lock.
    private enum Waking {
        case none
        case wakes
        case starts
    }

    private static func wakes(_ backlog: inout Backlog) -> Waking {
        guard !backlog.isAwake else { return .none }
        backlog.isAwake = true
        guard backlog.writer == .none else { return .wakes }
        backlog.writer = .running
        return .starts
    }

    @inline(__always)
    private static func wake(_ waking: Waking) {
        if waking != .none { wakeOrStart(waking) }
    }

    @inline(never)
    private static func wakeOrStart(_ waking: Waking) {
        if waking == .starts, wakeUp < 0 || (try? LoopThread.start(name: "log", { run() })) == nil {
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
            let told = backlog.withLock { take(&chunk, &$0) }
            guard let told else { return }
            // What follows a line that could be written in part only is a line of its own.
            if isCut { chunk.insert(UInt8(ascii: "\n"), at: 0) }
            let written = chunk.withUnsafeBytes { write($0) }
            let unwritten = chunk[written...].count { $0 == UInt8(ascii: "\n") }
            isCut = written > 0 ? chunk[written - 1] != UInt8(ascii: "\n") : isCut
            if unwritten > 0 {
                backlog.withLock { backlog in
                    let ownUnwritten = max(unwritten - told.lines, 0)
                    backlog.lost += told.lost + ownUnwritten
                    backlog.counts.lost += ownUnwritten
                }
            }
            usleep(pause)
        }
    }

    /// What of a chunk is not what was added.
    private struct Told {
        /// How many lines.
        var lines = 0
        /// How many lost ones they tell of.
        var lost = 0
    }

    /// Lines that were left out and not told of.
    private static func countLeftOut(_ backlog: Backlog) -> Int {
        leftOut.load(ordering: .relaxed) - backlog.toldLeftOut
    }

    /// Takes all lines, and those about lines that are lost.
    /// - Returns: `nil` where there is nothing to write and the writer may sleep.
    private static func take(_ chunk: inout [UInt8], _ backlog: inout Backlog) -> Told? {
        let leftOut = countLeftOut(backlog)
        guard !backlog.lines.isEmpty || leftOut > 0 && backlog.isEnding else {
            backlog.isAwake = false
            return nil
        }
        chunk.removeAll(keepingCapacity: true)
        swap(&chunk, &backlog.lines)
        hasLines.store(false, ordering: .releasing)
        var told = Told()
        func tell(_ loss: Loss, _ count: Int) {
            chunk += backlog.lineAboutLoss(loss, count) + [UInt8(ascii: "\n")]
            told.lines += 1
        }
        if backlog.lost > 0 {
            tell(.notTaken, backlog.lost)
            told.lost = backlog.lost
            backlog.lost = 0
        }
        if leftOut > 0 {
            let now = Clock.monotonic()
            if now >= backlog.tellsLeftOutAt || backlog.isEnding {
                tell(.leftOut, leftOut)
                backlog.toldLeftOut += leftOut
                backlog.tellsLeftOutAt = now + pauseOfLeftOut
            }
        }
        return told
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
