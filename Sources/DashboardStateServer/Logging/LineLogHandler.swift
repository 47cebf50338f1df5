import Bytes
import EventLoop
import Logging

/// Writes each log entry as a line on standard error: `time level message key=value …`, or a JSON object. For systemd's
/// journal the priority takes the place of the time.
struct LineLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private let style: LineStyle
    /// The line that is written whole, whatever is logged.
    private var wholeLine: WholeLine?

    init(_ style: LineStyle) { self.style = style }

    /// A ``WholeLine`` takes the place of the line that would be made.
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set {
            if case .stringConvertible(let value)? = newValue, let line = value as? WholeLine { wholeLine = line }
            metadata[key] = newValue
        }
    }

    func log(event: LogEvent) {
        if let wholeLine { return wholeLine.read { LogOutput.add($0) } }
        LogOutput.add(isUrgent: event.level > .info) { line in
            style.begin(event.level, event.message.description, at: Clock.unixMilliseconds(), &line)
            if !metadata.isEmpty { append(metadata, to: &line) }
            if let metadata = event.metadata { append(metadata, to: &line) }
            style.end(&line)
        }
    }

    /// The line that tells how many others are lost.
    static func line(about loss: LogOutput.Loss, _ count: Int, _ style: LineStyle) -> [UInt8] {
        let handler = LineLogHandler(style)
        var line: [UInt8] = []
        style.begin(.warning, loss.sentence, at: Clock.unixMilliseconds(), &line)
        handler.append(["count": .stringConvertible(count)], to: &line)
        style.end(&line)
        return line
    }

    private func append(_ metadata: Logger.Metadata, to line: inout [UInt8]) {
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            switch style.format {
            case .text:
                line.append(inLine: " \(key)=\(value)")
            case .json:
                line.append(",")
                line.append(quoted: key)
                line.append(":")
                if Self.isNumber(value) {
                    line.append(contentsOf: value.description.utf8)
                } else {
                    line.append(quoted: value.description)
                }
            }
        }
    }

    private static func isNumber(_ value: Logger.Metadata.Value) -> Bool {
        guard case .stringConvertible(let value) = value else { return false }
        return value is Int || (value as? Double)?.isFinite == true
    }
}
