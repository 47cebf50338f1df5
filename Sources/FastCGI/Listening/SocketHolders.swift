import Glibc

/// Who has a socket, as far as the kernel tells (proc(5), `/proc/PID/fd`).
enum SocketHolders {
    /// Whether another process has this socket, or may have it: the processes of the same user are looked at, and of the
    /// parent that cannot be looked at it is assumed, unless that is the system's first process, which starts programs
    /// such as spawn-fcgi but binds nothing for descriptor 0.
    static func exist(besidesThis descriptor: Int32) -> Bool {
        guard let name = target("/proc/self/fd/\(descriptor)") else { return true }
        guard let processes = opendir("/proc") else { return true }
        defer { closedir(processes) }
        let own = getpid()
        let parent = getppid()
        while let entry = readdir(processes) {
            guard let process = pid_t(text(entry)), process != own else { continue }
            switch has(process, name) {
            case true?: return true
            case nil where process == parent && process != 1: return true
            default: continue
            }
        }
        return false
    }

    /// Whether a process has it; `nil` where it cannot be looked at.
    private static func has(_ process: pid_t, _ name: String) -> Bool? {
        let folder = "/proc/\(process)/fd"
        guard let descriptors = opendir(folder) else { return nil }
        defer { closedir(descriptors) }
        while let entry = readdir(descriptors) {
            if target("\(folder)/\(text(entry))") == name { return true }
        }
        return false
    }

    /// What a symbolic link says.
    private static func target(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            let count = readlink(path, buffer.baseAddress!, buffer.count)
            return count > 0 ? String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self) : nil
        }
    }

    private static func text(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }
}
