import Glibc
import Tracing

/// Which requests are traced, and where their spans go: OpenTelemetry's own variables, as far as there is anything to set.
struct TraceSettings: Sendable {
    let sampler: Sampler
    let request: CollectorRequest
    /// Nanoseconds that an attempt has.
    let timeout: UInt64
    let resource: KeyValueList

    /// Reads them.
    /// - Returns: `nil` where nothing is traced.
    /// - Throws: where one of them cannot be used, unless no collector is named, or traces are switched off: whoever sets
    ///   variables for all programs of a machine can do that.
    static func read(_ settings: SettingReader) throws(ConfigurationError) -> TraceSettings? {
        let isDisabled = try settings.value(.tracesDisabled) { text -> Bool? in
            ["true": true, "false": false][text.lowercased()]
        }
        guard !isDisabled else { return nil }
        let exporter = settings.given(.tracesExporter) == nil ? nil : try settings.word(.tracesExporter)
        guard exporter != "none" else { return nil }

        // Without a collector nothing is sent, and the rest may be meant for other programs.
        guard let url = try url(settings, usesUsual: exporter != nil) else { return nil }

        // Those for traces alone stand in for the general ones, which may be other programs' too.
        try checkProtocol(settings.given(.tracesOwnProtocol) == nil ? .tracesProtocol : .tracesOwnProtocol, settings)
        let sampler = try sampler(settings)
        let timeout = try settings.number(settings.given(.tracesOwnTimeout) == nil ? .tracesTimeout : .tracesOwnTimeout)
        let headersSetting = settings.given(.tracesOwnHeaders) == nil ? Setting.tracesHeaders : .tracesOwnHeaders
        let headers = try list(headersSetting, settings)
        let resource = try resource(settings)
        let request = try unless(headersSetting) { () throws(TracingError) in
            try CollectorRequest(url, headers, agent: "dashboard-state/\(Version.text)")
        }
        return TraceSettings(
            sampler: sampler,
            request: request,
            timeout: UInt64(timeout) * 1_000_000,
            resource: resource
        )
    }

    /// - Parameter usesUsual: whether spans are wanted where nothing says whither.
    private static func url(_ settings: SettingReader, usesUsual: Bool) throws(ConfigurationError) -> CollectorURL? {
        if let own = settings.given(.tracesOwnEndpoint) {
            return try unless(.tracesOwnEndpoint) { () throws(TracingError) in try CollectorURL(own) }
        }
        guard let url = settings.given(.tracesEndpoint) ?? (usesUsual ? CollectorURL.usual : nil) else { return nil }
        return try unless(.tracesEndpoint) { () throws(TracingError) in
            try CollectorURL(url, appending: "/v1/traces")
        }
    }

    /// The only one that there is must be the one that is named.
    private static func checkProtocol(_ setting: Setting, _ settings: SettingReader) throws(ConfigurationError) {
        guard settings.given(setting) != nil else { return }
        _ = try settings.value(setting) { $0 == "http/json" ? $0 : nil }
    }

    private static func sampler(_ settings: SettingReader) throws(ConfigurationError) -> Sampler {
        let name = try settings.word(.tracesSampler)
        let ratio = try settings.value(.tracesSamplerArgument) { text -> Double? in
            Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
        }
        return try settings.value(.tracesSampler) { _ in Sampler(name, ratio: ratio) }
    }

    private static func list(_ setting: Setting, _ settings: SettingReader) throws(ConfigurationError) -> KeyValueList {
        try unless(setting) { () throws(TracingError) in try KeyValueList(settings.text(setting)) }
    }

    /// What the process is called, and what else tells it from others: given values win over those that are found.
    private static func resource(_ settings: SettingReader) throws(ConfigurationError) -> KeyValueList {
        let given = try list(.tracesResource, settings)
        var random = SystemRandomNumberGenerator()
        var resource = KeyValueList()
        resource["service.name"] = "dashboard-state"
        resource["service.version"] = Version.text
        resource["service.instance.id"] = instance(&random)
        resource["telemetry.sdk.language"] = "swift"
        resource["telemetry.sdk.name"] = "dashboard-state"
        resource["telemetry.sdk.version"] = Version.text
        for pair in given.pairs { resource[pair.name] = pair.value }
        if let name = settings.given(.tracesService) { resource["service.name"] = name }
        return resource
    }

    /// A UUID of version 4, as the conventions want it where nothing better is known.
    private static func instance(_ random: inout some RandomNumberGenerator) -> String {
        let high = random.next() & ~0xF000 | 0x4000
        let low = random.next() & ~(3 << 62) | 2 << 62
        func digits(_ number: UInt64, _ count: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: count - text.count) + text
        }
        return [
            digits(high >> 32, 8), digits(high >> 16 & 0xFFFF, 4), digits(high & 0xFFFF, 4), digits(low >> 48, 4),
            digits(low & 0xFFFF_FFFF_FFFF, 12),
        ].joined(separator: "-")
    }

    /// What is wrong, with the setting's name; values may hold secrets.
    private static func unless<Value>(
        _ setting: Setting,
        _ read: () throws(TracingError) -> Value
    ) throws(ConfigurationError) -> Value {
        do throws(TracingError) { return try read() } catch {
            throw .traces(setting: setting.name, reason: "\(error)")
        }
    }
}
