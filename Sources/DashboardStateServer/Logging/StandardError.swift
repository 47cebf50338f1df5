import Glibc

/// The stream that supervisors collect.
public enum StandardError {
    /// Writes a line in one system call, so that lines of several threads and processes do not mix.
    public static func write(_ line: String) {
        var text = line + "\n"
        text.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
