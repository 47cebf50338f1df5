import Bytes

/// Metrics as Prometheus reads them: its text format, or OpenMetrics.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>,
/// <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>.
public struct MetricsText {
    /// In which form.
    public enum Format: Equatable, Sendable {
        /// `text/plain; version=0.0.4`.
        case prometheus
        /// `application/openmetrics-text; version=1.0.0`.
        case openMetrics

        /// What `Content-Type` says.
        public var contentType: StaticString {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// What a metric is.
    public enum Kind {
        /// It only grows; its samples' names end in `_total`.
        case counter
        /// It goes up and down.
        case gauge
        /// Values by how large they are.
        case histogram
        /// Labels alone; its name ends in `_info`.
        case info
    }

    /// A label: its name, and one of few values.
    public typealias Label = (name: StaticString, value: String)

    /// What was written.
    public private(set) var bytes: [UInt8] = []
    private let format: Format
    private let prefix: StaticString
    private var name: [UInt8] = []

    /// An empty page.
    /// - Parameter prefix: what every name begins with.
    public init(_ format: Format, prefix: StaticString) {
        self.format = format
        self.prefix = prefix
    }

    /// Begins a metric; its samples follow.
    /// - Parameters:
    ///   - name: behind the prefix, without `_total` or `_info`; it ends in its unit where it has one.
    ///   - unit: the base unit that the name ends in.
    ///   - help: one sentence, without its full stop.
    public mutating func begin(_ name: StaticString, _ kind: Kind, unit: StaticString? = nil, _ help: StaticString) {
        self.name.removeAll(keepingCapacity: true)
        self.name.append(prefix)
        self.name.append(name)
        let isOpen = format == .openMetrics
        if kind == .counter, !isOpen { self.name.append("_total") }
        if kind == .info, !isOpen { self.name.append("_info") }
        head("# HELP ")
        bytes.append(help)
        head("\n# TYPE ")
        switch kind {
        case .counter: bytes.append("counter\n")
        case .gauge: bytes.append("gauge\n")
        case .histogram: bytes.append("histogram\n")
        case .info: bytes.append(isOpen ? "info\n" : "gauge\n")
        }
        if isOpen, let unit {
            head("# UNIT ")
            bytes.append(unit)
            bytes.append("\n")
        }
        if kind == .counter, isOpen { self.name.append("_total") }
        if kind == .info, isOpen { self.name.append("_info") }
    }

    private mutating func head(_ word: StaticString) {
        bytes.append(word)
        bytes.append(contentsOf: name)
        bytes.append(" ")
    }

    /// Writes a whole number.
    public mutating func sample(_ labels: Label..., value: UInt64) {
        series("", labels)
        bytes.append(decimal: Int(clamping: value))
        bytes.append("\n")
    }

    /// Writes a number that may have a fraction.
    public mutating func sample(_ labels: Label..., value: Double) {
        series("", labels)
        append(value)
        bytes.append("\n")
    }

    /// Writes a histogram's series.
    /// - Parameters:
    ///   - counts: of each bucket alone.
    ///   - sum: of all values, in their own unit.
    public mutating func histogram(_ labels: Label..., buckets: Buckets, counts: [UInt64], sum: UInt64) {
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < buckets.labels.count ? "\(buckets.labels[index])" : "+Inf"
            series("_bucket", labels + [("le", bound)])
            bytes.append(decimal: Int(clamping: total))
            bytes.append("\n")
        }
        series("_sum", labels)
        append(Double(sum) / buckets.scale)
        bytes.append("\n")
        series("_count", labels)
        bytes.append(decimal: Int(clamping: total))
        bytes.append("\n")
    }

    /// Ends the page.
    public mutating func end() { if format == .openMetrics { bytes.append("# EOF\n") } }

    private mutating func series(_ suffix: StaticString, _ labels: [Label]) {
        bytes.append(contentsOf: name)
        bytes.append(suffix)
        for (index, label) in labels.enumerated() {
            bytes.append(index == 0 ? "{" : ",")
            bytes.append(label.name)
            bytes.append("=\"")
            for byte in label.value.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): bytes.append(#"\\"#)
                case UInt8(ascii: "\""): bytes.append(#"\""#)
                case UInt8(ascii: "\n"): bytes.append(#"\n"#)
                default: bytes.append(byte)
                }
            }
            bytes.append("\"")
        }
        bytes.append(labels.isEmpty ? " " : "} ")
    }

    private mutating func append(_ value: Double) {
        if value == value.rounded(), abs(value) < 1e15 {
            bytes.append(decimal: Int(value))
        } else {
            bytes.append(contentsOf: "\(value)".utf8)
        }
    }
}
