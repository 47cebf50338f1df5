/// The stream that supervisors collect.
public enum StandardError {
    /// Writes a line, and waits for that, but not for long: nobody may be reading.
    public static func write(_ line: String) {
        LogOutput.add(isUrgent: true) { $0.append(contentsOf: line.utf8) }
        LogOutput.finish()
    }
}
