import Bytes

/// A span, but for what is said of it.
public struct Span: Sendable {
    /// The trace that it belongs to.
    public var traceID: TraceID
    /// Its own id.
    public var spanID: SpanID
    /// The span that has caused it.
    public var parent: SpanID?
    /// Whether another process has told of that.
    public var hasRemoteParent: Bool
    /// The field `tracestate`.
    public var traceState: [UInt8]?
    /// Nanoseconds since 1970.
    public var start: UInt64
    /// Likewise.
    public var end: UInt64

    /// A span.
    public init(
        _ traceID: TraceID,
        _ spanID: SpanID,
        parent: SpanID?,
        hasRemoteParent: Bool = false,
        traceState: [UInt8]? = nil,
        start: UInt64,
        end: UInt64
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parent = parent
        self.hasRemoteParent = hasRemoteParent
        self.traceState = traceState
        self.start = start
        self.end = end
    }
}

/// A batch of spans as a collector takes it: `ExportTraceServiceRequest` of OTLP in JSON, where ids are hex digits, numbers of
/// 64 bits are strings, and enumerations are numbers.
///
/// Source: opentelemetry-proto, `trace/v1/trace.proto`; OTLP specification, "JSON Protobuf Encoding".
public struct SpanDocument: ~Copyable {
    private var buffer = ByteBuffer()
    /// How many spans are in it.
    public private(set) var count = 0

    /// Begins a batch.
    public init(_ source: SpanSource) { buffer.append(source.opening) }

    /// What was written.
    public var bytes: [UInt8] { [UInt8](buffer.bytes) }

    /// Begins a span. What else there is to say of it follows, and then ``endSpan(isError:)``.
    /// - Parameter text: what is said of all spans of its kind.
    public mutating func begin(_ span: Span, _ text: SpanText) {
        buffer.append(count == 0 ? #"{"traceId":""# : #",{"traceId":""#)
        count += 1
        append(hex: span.traceID.high)
        append(hex: span.traceID.low)
        buffer.append(#"","spanId":""#)
        append(hex: span.spanID.bits)
        if let parent = span.parent {
            buffer.append(#"","parentSpanId":""#)
            append(hex: parent.bits)
        }
        if let traceState = span.traceState {
            buffer.append(#"","traceState":"#)
            var quoted: [UInt8] = []
            traceState.withUnsafeBufferPointer { quoted.append(quoted: $0) }
            buffer.append(quoted)
        } else {
            buffer.append(UInt8(ascii: "\""))
        }
        buffer.append(#","flags":"#)
        // Sampled; it is known whether the parent is remote, and whether it is.
        buffer.append(decimal: 1 | 0x100 | (span.hasRemoteParent ? 0x200 : 0))
        buffer.append(#","startTimeUnixNano":""#)
        buffer.append(decimal: Int(clamping: span.start))
        buffer.append(#"","endTimeUnixNano":""#)
        buffer.append(decimal: Int(clamping: max(span.start, span.end)))
        buffer.append(text.bytes)
    }

    /// Says more of the span.
    public mutating func add(_ attributes: SpanAttributes) { buffer.append(attributes.bytes) }

    /// Adds a text that needs no escapes.
    public mutating func add(_ key: StaticString, plain value: [UInt8]) {
        buffer.append(#",{"key":""#)
        buffer.append(key)
        buffer.append(#"","value":{"stringValue":""#)
        buffer.append(value)
        buffer.append(#""}}"#)
    }

    /// Adds a number, which is not negative.
    public mutating func add(_ key: StaticString, _ value: Int) {
        buffer.append(#",{"key":""#)
        buffer.append(key)
        buffer.append(#"","value":{"intValue":""#)
        buffer.append(decimal: value)
        buffer.append(#""}}"#)
    }

    /// Ends the span.
    public mutating func endSpan(isError: Bool) { buffer.append(isError ? #"],"status":{"code":2}}"# : "]}") }

    /// Ends the batch.
    public mutating func end() { buffer.append("]}]}]}") }

    private mutating func append(hex number: UInt64) {
        var digits = HexDigits.sixteen(number)
        withUnsafeBytes(of: &digits) { buffer.append(RawSpan(_unsafeBytes: $0)) }
    }
}

/// What is said of all spans of a kind, written once: what they are called, what they are, and some attributes.
public struct SpanText: Equatable, Sendable {
    /// What a span is of what happens, as numbers of OTLP.
    public enum Kind: Int, Sendable {
        /// A request that is served.
        case server = 2
        /// A question to somebody else.
        case client = 3
    }

    let bytes: [UInt8]

    /// - Parameter attributes: one at least.
    public init(_ name: String, _ kind: Kind, _ attributes: SpanAttributes) {
        var text: [UInt8] = []
        text.append(#"","name":"#)
        text.append(quoted: name)
        text.append(#","kind":"#)
        text.append(decimal: kind.rawValue)
        text.append(#","attributes":["#)
        precondition(!attributes.bytes.isEmpty, "a kind of spans of which there is nothing to say")
        text.append(contentsOf: attributes.bytes.dropFirst())
        bytes = text
    }
}

/// Attributes of spans, written once.
public struct SpanAttributes: Equatable, Sendable {
    /// Each behind a comma.
    private(set) var bytes: [UInt8] = []

    /// None.
    public init() {}

    /// Adds a text.
    public mutating func add(_ key: StaticString, _ value: String) {
        bytes.append(#",{"key":""#)
        bytes.append(key)
        bytes.append(#"","value":{"stringValue":"#)
        bytes.append(quoted: value)
        bytes.append("}}")
    }

    /// Adds a number.
    public mutating func add(_ key: StaticString, _ value: Int) {
        bytes.append(#",{"key":""#)
        bytes.append(key)
        bytes.append(#"","value":{"intValue":""#)
        bytes.append(decimal: value)
        bytes.append(#""}}"#)
    }
}
