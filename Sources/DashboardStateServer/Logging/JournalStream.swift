import Glibc

/// Whether standard error leads to systemd's journal.
enum JournalStream {
    /// Whether it does. `JOURNAL_STREAM` alone does not tell: a shell may have turned the stream elsewhere (systemd.exec(5)).
    static let isStandardError: Bool = {
        var info = stat()
        guard let text = Environment.process["JOURNAL_STREAM"], fstat(STDERR_FILENO, &info) == 0 else { return false }
        return names(text, device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
    }()

    /// Whether the text, `device:inode` in decimal digits, names a file.
    static func names(_ text: String, device: UInt64, inode: UInt64) -> Bool {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false)
        return numbers.count == 2 && UInt64(numbers[0]) == device && UInt64(numbers[1]) == inode
    }
}
