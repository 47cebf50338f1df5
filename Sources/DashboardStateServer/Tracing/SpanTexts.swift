import DashboardState
import StateStore
import Tracing

/// Writes the spans of a request, by OpenTelemetry's semantic conventions for HTTP servers and for Redis.
///
/// Paths are told as far as they are routes: what else clients ask for is of their making. Neither is there anything of
/// users, workspaces, keys and states. So nearly all that is said is known before any request comes, and written once.
final class SpanTexts: Sendable {
    /// The version of the conventions.
    static let schema = "https://opentelemetry.io/schemas/1.37.0"

    /// By route, method, and whether TLS was spoken.
    private let servers: [SpanText]
    /// By outcome.
    private let outcomes: [SpanAttributes]
    private let withoutContent: SpanAttributes
    /// By command, and whether the script is that of a delete.
    private let redis: [SpanText]

    init(statePath: [UInt8], _ server: RedisServer) {
        let path = String(decoding: statePath, as: UTF8.self)
        servers = [path, "/healthz", "/readyz", nil].flatMap { route in
            Method.allCases.flatMap { method in
                [false, true].map { Self.server(route, method, isTLS: $0) }
            }
        }
        outcomes = RequestOutcome.all.map { Self.outcome($0, $0.status) }
        withoutContent = Self.outcome(.answered, .noContent)
        redis = RequestFacts.Command.allCases.flatMap { command in
            [false, true].map { Self.redis(command, isDelete: $0, server) }
        }
    }

    private static func server(_ route: String?, _ method: Method, isTLS: Bool) -> SpanText {
        let isKnown = method != .other
        var attributes = SpanAttributes()
        attributes.add("http.request.method", isKnown ? "\(method.name)" : "_OTHER")
        attributes.add("url.scheme", isTLS ? "https" : "http")
        if let route {
            attributes.add("url.path", route)
            attributes.add("http.route", route)
        }
        let name = isKnown ? "\(method.name)" : "HTTP"
        return SpanText(route.map { "\(name) \($0)" } ?? name, .server, attributes)
    }

    private static func outcome(_ outcome: RequestOutcome, _ status: Status) -> SpanAttributes {
        var attributes = SpanAttributes()
        // No status was sent to whom had gone.
        if outcome != .clientGone { attributes.add("http.response.status_code", status.rawValue) }
        attributes.add("dashboard_state.outcome", "\(outcome.label)")
        if outcome == .clientGone { attributes.add("error.type", "client_gone") }
        guard let name = outcome.problem?.name else { return attributes }
        attributes.add("dashboard_state.problem", "\(name)")
        if status.rawValue >= 500 { attributes.add("error.type", "\(name)") }
        return attributes
    }

    private static func redis(_ command: RequestFacts.Command, isDelete: Bool, _ server: RedisServer) -> SpanText {
        var attributes = SpanAttributes()
        let name = "\(command.name)".uppercased()
        attributes.add("db.system.name", "redis")
        attributes.add("db.operation.name", name)
        attributes.add("db.namespace", "\(server.database)")
        let script = command != .evalsha ? nil : isDelete ? "delete" : "save"
        if let script { attributes.add("db.stored_procedure.name", script) }
        if let (address, port) = server.onlyServer {
            attributes.add("server.address", address)
            if let port { attributes.add("server.port", port) }
        }
        return SpanText(script.map { "\(name) \($0)" } ?? name, .client, attributes)
    }

    private static let failures: [(StoreFailure.Meaning, SpanAttributes)] = [
        (.notCarriedOut, failure("not_carried_out")), (.outcomeUnknown, failure("outcome_unknown")),
        (.outOfMemory, failure("OOM", code: "OOM")),
    ]

    private static func failure(_ type: String, code: String? = nil) -> SpanAttributes {
        var attributes = SpanAttributes()
        if let code { attributes.add("db.response.status_code", code) }
        attributes.add("error.type", type)
        return attributes
    }

    /// - Parameter offset: what to add to monotonic nanoseconds to have them since 1970.
    func write(_ request: TracedRequest, _ offset: UInt64, _ document: inout SpanDocument) {
        let server = Span(
            request.traceID,
            request.spanID,
            parent: request.parent,
            hasRemoteParent: request.parent != nil,
            traceState: request.traceState,
            start: request.arrivedAt &+ offset,
            end: request.endedAt &+ offset
        )
        let route = request.route?.index ?? LoopCounts.Layout.routes - 1
        let kind = (route * Method.allCases.count + request.method.rawValue) * 2 + (request.isTLS ? 1 : 0)
        document.begin(server, servers[kind])
        if let host = request.host {
            document.add("server.address", plain: host)
            if let port = request.port { document.add("server.port", port) }
        }
        let isEmpty = request.outcome == .answered && request.method == .options
        document.add(isEmpty ? withoutContent : outcomes[request.outcome.index])
        document.endSpan(isError: request.outcome.status.rawValue >= 500)
        if let redisSpanID = request.redisSpanID { writeRedis(request, redisSpanID, offset, &document) }
    }

    private func writeRedis(_ request: TracedRequest, _ id: SpanID, _ offset: UInt64, _ document: inout SpanDocument) {
        let span = Span(
            request.traceID,
            id,
            parent: request.spanID,
            traceState: request.traceState,
            start: request.askedAt &+ offset,
            end: (request.answeredAt == 0 ? request.endedAt : request.answeredAt) &+ offset
        )
        document.begin(span, redis[request.command.rawValue * 2 + (request.method == .delete ? 1 : 0)])
        if let failure = Self.failures.first(where: { $0.0 == request.failure }) { document.add(failure.1) }
        document.endSpan(isError: request.failure != nil)
    }
}
