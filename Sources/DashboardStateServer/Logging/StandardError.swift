import Bytes
import EventLoop
import Logging

/// The stream that supervisors collect.
public enum StandardError {
    /// Writes a line where there is no log yet, and waits for that, but not for long: nobody may be reading.
    /// - Parameter options: what says in which form, as far as the environment does not.
    public static func write(_ sentence: String, _ level: Logger.Level = .error, options: Options = Options()) {
        let style = LineStyle(format: .asked(options), isJournal: JournalStream.isStandardError)
        LogOutput.add(isUrgent: true) { line in
            switch style.format {
            case .text:
                if style.isJournal { line.append(LineStyle.priority(level)) }
                line.append("dashboard-state-fcgi: ")
                line.append(inLine: sentence)
            case .json:
                style.begin(level, sentence, at: Clock.unixMilliseconds(), &line)
                style.end(&line)
            }
        }
        LogOutput.finish()
    }
}
