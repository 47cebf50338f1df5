/// The form of log lines.
public enum LogFormat: String, CaseIterable, Sendable {
    /// For reading.
    case text
    /// For machines: an object a line.
    case json
}
