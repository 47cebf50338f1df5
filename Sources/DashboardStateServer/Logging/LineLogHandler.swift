import Bytes
import DashboardState
import EventLoop
import Logging

/// Writes each log entry as a line on standard error: `time level message key=value …`, or a JSON object of strings.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private let format: LogFormat

    init(_ format: LogFormat) { self.format = format }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        LogOutput.add(isUrgent: event.level > .info) { line in
            append(event.level, event.message.description, to: &line)
            if !metadata.isEmpty { append(metadata, to: &line) }
            if let metadata = event.metadata { append(metadata, to: &line) }
            if format == .json { line.append("}") }
        }
    }

    /// The line that tells how many others are lost.
    static func lineAboutLoss(_ count: Int, _ format: LogFormat) -> [UInt8] {
        let handler = LineLogHandler(format)
        var line: [UInt8] = []
        handler.append(.warning, "log lines were lost, as standard error did not take them", to: &line)
        handler.append(["count": "\(count)"], to: &line)
        if format == .json { line.append("}") }
        return line
    }

    private func append(_ level: Logger.Level, _ message: String, to line: inout [UInt8]) {
        let time = Timestamp(milliseconds: Clock.unixMilliseconds())
        switch format {
        case .text:
            time.append(to: &line)
            line.append(" ")
            line.append(contentsOf: level.rawValue.utf8)
            line.append(" ")
            line.append(contentsOf: message.utf8)
        case .json:
            line.append(#"{"time":""#)
            time.append(to: &line)
            line.append(#"","level":""#)
            line.append(contentsOf: level.rawValue.utf8)
            line.append(#"","message":"#)
            line.append(quoted: message)
        }
    }

    private func append(_ metadata: Logger.Metadata, to line: inout [UInt8]) {
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            if case .stringConvertible(let request as RequestSummary) = value {
                request.append(to: &line, format)
                continue
            }
            switch format {
            case .text:
                line.append(contentsOf: " \(key)=\(value)".utf8)
            case .json:
                line.append(",")
                line.append(quoted: key)
                line.append(":")
                line.append(quoted: value.description)
            }
        }
    }
}
