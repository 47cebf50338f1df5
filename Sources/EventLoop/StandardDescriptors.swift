import Glibc

/// Descriptors 0 to 2: whatever they are, standard input, output and error is what they are used as.
public enum StandardDescriptors {
    /// Opens those that are closed on `/dev/null`. To be called before anything else is opened, which would take their
    /// place: log lines would go to Redis, and its answers would no longer be those to what was asked.
    ///
    /// Standard error takes nothing then, so that whoever writes to it learns that it is lost.
    /// - Returns: whether all three are open.
    public static func fill() -> Bool {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest that is free, and so this one.
            guard open("/dev/null", descriptor == STDERR_FILENO ? O_RDONLY : O_RDWR) == descriptor else { return false }
        }
        return true
    }
}
