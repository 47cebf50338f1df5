/// The form of log lines.
public enum LogFormat: String, CaseIterable, Sendable {
    /// For reading.
    case text
    /// For machines: an object a line.
    case json
}

extension LogFormat {
    /// The form that is asked for, whatever is wrong with other settings; text where that cannot be told.
    public static func asked(_ options: Options, _ environment: Environment = .process) -> LogFormat {
        LogFormat(rawValue: SettingReader(options: options, environment: environment).text(.logFormat)) ?? .text
    }
}
