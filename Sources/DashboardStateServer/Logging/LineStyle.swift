import Bytes
import DashboardState
import Logging

/// How lines of the log begin, and in which form they are.
struct LineStyle: Equatable, Sendable {
    var format: LogFormat
    /// Whether systemd's journal takes the lines. It notes the time of each by itself, and takes its priority from a number
    /// in front of it (sd-daemon(3)).
    var isJournal: Bool

    /// Begins a line.
    /// - Parameters:
    ///   - message: what it says.
    ///   - milliseconds: the time, since 1970.
    func begin(_ level: Logger.Level, _ message: String, at milliseconds: Int64, _ line: inout [UInt8]) {
        line.append(beforeTime(level))
        if !isJournal { Timestamp(milliseconds: milliseconds).append(to: &line) }
        line.append(afterTime)
        line.append(contentsOf: level.rawValue.utf8)
        switch format {
        case .text:
            line.append(" ")
            line.append(inLine: message)
        case .json:
            line.append(#"","message":"#)
            line.append(quoted: message)
        }
    }

    /// Ends a line, but for its line feed.
    func end(_ line: inout [UInt8]) {
        if format == .json { line.append("}") }
    }

    /// What stands before the time, or instead of it.
    private func beforeTime(_ level: Logger.Level) -> StaticString {
        switch format {
        case .text: isJournal ? Self.priority(level) : ""
        case .json: isJournal ? Self.priority(level) : #"{"time":""#
        }
    }

    /// What stands between the time and the level.
    private var afterTime: StaticString {
        switch format {
        case .text: isJournal ? "" : " "
        case .json: isJournal ? #"{"level":""# : #"","level":""#
        }
    }

    /// The priority of syslog(3), as the journal takes it.
    static func priority(_ level: Logger.Level) -> StaticString {
        switch level {
        case .trace, .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        case .critical: "<2>"
        }
    }
}
