// OpenTelemetry's own variables, by its names and with its values, as far as there is anything to choose.
extension Setting {
    /// All of them, in the order in which they are explained.
    static let ofTraces = [
        tracesEndpoint, tracesOwnEndpoint, tracesSampler, tracesSamplerArgument, tracesService, tracesResource,
        tracesHeaders, tracesOwnHeaders, tracesTimeout, tracesOwnTimeout, tracesProtocol, tracesOwnProtocol,
        tracesExporter, tracesDisabled,
    ]

    /// Where the collector is.
    public static let tracesEndpoint = Setting(
        variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
        standard: .words("no collector"),
        values: .text("http://host[:port][/path]"),
        summary: "The collector that gets traces: `http://host:4318`, to which `/v1/traces` is appended",
        details: "See docs/operate.md. There is no TLS, so that `https` is an error. A CGI program has no traces."
    )
    /// The same for traces alone.
    public static let tracesOwnEndpoint = Setting(
        variable: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        standard: .none,
        values: .text("http://host[:port][/path]"),
        summary: "The same with its whole path, instead of it"
    )
    /// Which requests are traced.
    public static let tracesSampler = Setting(
        variable: "OTEL_TRACES_SAMPLER",
        standard: .value("parentbased_always_on"),
        values: .words([
            "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
            "parentbased_traceidratio",
        ]),
        summary: "Which requests are traced",
        details: "With `parentbased_…`, who sends a `traceparent` decides by it."
    )
    /// Which part of them.
    public static let tracesSamplerArgument = Setting(
        variable: "OTEL_TRACES_SAMPLER_ARG",
        standard: .value("1"),
        values: .text("a number from 0 to 1, such as 0.01"),
        summary: "Which part of all traces is taken by `traceidratio` and `parentbased_traceidratio`, 0 to 1"
    )
    /// What the service is called.
    public static let tracesService = Setting(
        variable: "OTEL_SERVICE_NAME",
        standard: .value("dashboard-state"),
        values: .text("any text"),
        summary: "The resource's `service.name`"
    )
    /// What else is said of the process.
    public static let tracesResource = Setting(
        variable: "OTEL_RESOURCE_ATTRIBUTES",
        standard: .none,
        values: .text("name=value,name=value"),
        summary: "Further attributes of the resource: `name=value,name=value`, with values percent-encoded"
    )
    /// Fields of the requests to the collector.
    public static let tracesHeaders = Setting(
        variable: "OTEL_EXPORTER_OTLP_HEADERS",
        standard: .none,
        values: .text("name=value,name=value"),
        summary: "Further fields of requests to the collector: `name=value,name=value`, with values percent-encoded"
    )
    /// The same for traces alone.
    public static let tracesOwnHeaders = Setting(
        variable: "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        standard: .none,
        values: .text("name=value,name=value"),
        summary: "The same, instead of them"
    )
    /// What the collector has for an answer.
    public static let tracesTimeout = Setting(
        variable: "OTEL_EXPORTER_OTLP_TIMEOUT",
        standard: .value("10000"),
        values: .number(unit: "milliseconds", 1...60_000),
        summary: "Milliseconds that the collector has for each batch"
    )
    /// The same for traces alone.
    public static let tracesOwnTimeout = Setting(
        variable: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        standard: .none,
        values: .number(unit: "milliseconds", 1...60_000),
        summary: "The same, instead of it"
    )
    /// The protocol, of which there is one.
    public static let tracesProtocol = Setting(
        variable: "OTEL_EXPORTER_OTLP_PROTOCOL",
        standard: .value("http/json"),
        values: .text("http/json, the one protocol that this program sends spans by"),
        summary: "The protocol, which must be `http/json`"
    )
    /// The same for traces alone.
    public static let tracesOwnProtocol = Setting(
        variable: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        standard: .none,
        values: .text("http/json, the one protocol that this program sends spans by"),
        summary: "The same, which must be `http/json`, too"
    )
    /// Whether there are traces.
    public static let tracesExporter = Setting(
        variable: "OTEL_TRACES_EXPORTER",
        standard: .words("`otlp` where a collector is named"),
        values: .words(["otlp", "none"]),
        summary: "Where traces go",
        details: "With `otlp` and no collector named that is `http://localhost:4318`."
    )
    /// Whether there is anything of this.
    public static let tracesDisabled = Setting(
        variable: "OTEL_SDK_DISABLED",
        standard: .value("false"),
        values: .text("true or false"),
        summary: "With `true` nothing is traced, and no other `OTEL_` variable is looked at"
    )
}
