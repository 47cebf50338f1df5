import CLinux
import Glibc

/// What the process takes of the machine.
struct ProcessUse {
    /// Seconds of processors, in user mode and in the kernel.
    var processorSeconds: Double
    var residentBytes: UInt64?
    var openDescriptors: UInt64?
    var mostDescriptors: UInt64

    /// At this moment. Nothing here takes longer where there is more of it.
    init() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        residentBytes = Self.residentPages().map { $0 * UInt64(sysconf(Int32(_SC_PAGESIZE))) }
        openDescriptors = Self.countDescriptors()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        mostDescriptors = UInt64(limit.rlim_cur)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The second number of `/proc/self/statm`.
    private static func residentPages() -> UInt64? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &text, text.count)
        guard count > 0 else { return nil }
        let words = String(decoding: text[..<count], as: UTF8.self).split(separator: " ")
        return words.count > 1 ? UInt64(words[1]) : nil
    }

    /// Linux 6.2 and newer tell it as the size of the folder; before, the entries are counted.
    private static func countDescriptors() -> UInt64? {
        var info = stat()
        guard stat("/proc/self/fd", &info) == 0 else { return nil }
        if info.st_size > 0 { return UInt64(info.st_size) }
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while let entry = readdir(folder) {
            // All but "." and "..", which begin like no number.
            if UInt8(bitPattern: entry.pointee.d_name.0) != UInt8(ascii: ".") { count += 1 }
        }
        // Less the one that is open for looking.
        return count - min(count, 1)
    }
}
