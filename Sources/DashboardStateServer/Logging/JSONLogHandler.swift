import DashboardState
import EventLoop
import Logging

/// Writes each log line to standard error as a JSON object of strings, whole lines at a time.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    private let label: String

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var time: [UInt8] = []
        Timestamp(milliseconds: Clock.unixMilliseconds()).append(to: &time)
        var line = #"{"time":""# + String(decoding: time, as: UTF8.self)
        line += #"","level":""# + event.level.rawValue
        line += #"","label":"# + Self.quoted(label)
        line += #","message":"# + Self.quoted(event.message.description)
        let all = metadata.merging(event.metadata ?? [:]) { _, later in later }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += "," + Self.quoted(key) + ":" + Self.quoted(value.description)
        }
        StandardError.write(line + "}")
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += #"\""#
            case "\\": result += #"\\"#
            case "\n": result += #"\n"#
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
