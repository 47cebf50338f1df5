import Bytes

/// A list of names and values, as `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_EXPORTER_OTLP_HEADERS` hold one:
/// `name=value,name=value`, with values percent-encoded.
///
/// Source: OpenTelemetry's resource SDK and protocol exporter, after W3C Baggage.
public struct KeyValueList: Equatable, Sendable {
    /// In the order in which they were given; of a name that comes twice, the last value.
    public private(set) var pairs: [(name: String, value: String)] = []

    /// None.
    public init() {}

    /// Reads a list. Blanks around names and values do not count.
    /// - Throws: ``TracingError/list``.
    public init(_ text: String) throws(TracingError) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let member = Self.trimmed(part)
            // As behind a last comma.
            guard !member.isEmpty else { continue }
            guard let equals = member.firstIndex(of: "=") else { throw .list }
            let name = PercentEncoding.decodedText(Self.trimmed(member[..<equals]))
            let value = PercentEncoding.decodedText(Self.trimmed(member[member.index(after: equals)...]))
            guard let name, !name.isEmpty, let value else { throw .list }
            self[name] = value
        }
    }

    /// The value of a name.
    public subscript(name: String) -> String? {
        get { pairs.first { $0.name == name }?.value }
        set {
            pairs.removeAll { $0.name == name }
            if let newValue { pairs.append((name, newValue)) }
        }
    }

    /// Whether both have the same in the same order.
    public static func == (one: KeyValueList, other: KeyValueList) -> Bool {
        one.pairs.elementsEqual(other.pairs) { $0 == $1 }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
