import Glibc
import Synchronization

/// The lines that are on their way to standard error: those of a batch of requests leave in one system call.
enum LogOutput {
    private static let lines = Mutex<[UInt8]>([])
    /// Lines are not held back beyond this many bytes.
    private static let most = 64 << 10

    /// Adds a line, without its end.
    /// - Parameter isUrgent: whether it is to be written now, with those before it.
    static func add(isUrgent: Bool, _ write: (inout [UInt8]) -> Void) {
        lines.withLock { lines in
            write(&lines)
            lines.append(UInt8(ascii: "\n"))
            if isUrgent || lines.count > most { writeOut(&lines) }
        }
    }

    /// Writes what was added. To be called before a loop waits.
    static func flush() {
        lines.withLock { lines in
            if !lines.isEmpty { writeOut(&lines) }
        }
    }

    /// Whole lines, so that those of several processes do not mix. What standard error does not take is lost.
    private static func writeOut(_ lines: inout [UInt8]) {
        _ = lines.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        lines.removeAll(keepingCapacity: true)
    }
}
