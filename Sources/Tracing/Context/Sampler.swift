/// Which requests are traced.
///
/// Source: OpenTelemetry's SDK configuration, `OTEL_TRACES_SAMPLER`, and its specification of samplers.
public struct Sampler: Equatable, Sendable {
    /// The names of all of them, as `OTEL_TRACES_SAMPLER` has them.
    public static let names = [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
        "parentbased_traceidratio",
    ]

    /// Traces are taken whose ids, as far as they count, are below this: of 2^63.
    private let bound: UInt64
    /// Whether the caller decides, where there is one.
    private let followsParent: Bool

    /// A sampler by its name.
    /// - Parameters:
    ///   - name: one of ``names``; `nil` for any other.
    ///   - ratio: which part of all traces, 0 to 1, where the name says so.
    public init?(_ name: String, ratio: Double = 1) {
        guard Self.names.contains(name), (0...1).contains(ratio) else { return nil }
        let prefix = "parentbased_"
        followsParent = name.hasPrefix(prefix)
        switch followsParent ? String(name.dropFirst(prefix.count)) : name {
        case "always_on": bound = 1 << 63
        case "always_off": bound = 0
        default: bound = UInt64(ratio * 0x1p63)
        }
    }

    /// Whether a request is traced.
    /// - Parameters:
    ///   - traceID: the parent's, or else a new one.
    ///   - parent: what the caller says.
    @inline(__always)
    public func samples(_ traceID: TraceID, parent: TraceParent?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        // As most of OpenTelemetry's SDKs do it, so that services along a trace that have the same ratio decide alike.
        return traceID.low &>> 1 < bound
    }
}
