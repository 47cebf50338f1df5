import Bytes
import DashboardState
import FastCGI
import Tracing

/// What matters of one request, by name: a view on its parameters.
struct RequestFields: ~Escapable {
    /// The parameters that are looked at whatever is configured.
    private enum Param: Int, CaseIterable {
        // Lists come first.
        case ifMatch, ifNoneMatch, prefer, contentEncoding
        case requestMethod, scriptName, pathInfo, expectedUser, expectedWorkspace, proxySecret, contentType
        case traceParent, requestID

        /// How many are lists, which may come in several fields of a request (RFC 9110, section 5.3).
        static let lists = 4

        var name: StaticString {
            switch self {
            case .requestMethod: "REQUEST_METHOD"
            case .scriptName: "SCRIPT_NAME"
            case .pathInfo: "PATH_INFO"
            case .expectedUser: "HTTP_X_DASHBOARD_USER"
            case .expectedWorkspace: "HTTP_X_DASHBOARD_WORKSPACE"
            case .proxySecret: "PROXY_SECRET"
            case .contentType: "CONTENT_TYPE"
            case .contentEncoding: "HTTP_CONTENT_ENCODING"
            case .ifMatch: "HTTP_IF_MATCH"
            case .ifNoneMatch: "HTTP_IF_NONE_MATCH"
            case .prefer: "HTTP_PREFER"
            case .traceParent: "HTTP_TRACEPARENT"
            case .requestID: "REQUEST_ID"
            }
        }
    }

    /// What only spans tell. These are not even looked for where there are none.
    private enum SpanParam: Int, CaseIterable {
        // Of several fields with `tracestate` the last is told: web servers of today make one of them.
        case traceState, serverName, serverPort, https

        var name: StaticString {
            switch self {
            case .traceState: "HTTP_TRACESTATE"
            case .serverName: "SERVER_NAME"
            case .serverPort: "SERVER_PORT"
            case .https: "HTTPS"
            }
        }
    }

    /// All parameters that are looked at, those that carry the identity included.
    struct Names {
        let params: ParamNames
        /// The index of the first of ``SpanParam``.
        fileprivate let spans: Int
        fileprivate let user: Int
        fileprivate let workspace: Int

        /// - Parameter isTracing: whether there are spans.
        init(_ identity: IdentityParams, isTracing: Bool = false) {
            func bytes(_ name: StaticString) -> [UInt8] {
                var bytes: [UInt8] = []
                bytes.append(name)
                return bytes
            }
            let usual = Param.allCases.map { bytes($0.name) } + [identity.user, identity.workspace]
            spans = usual.count
            let ofSpans = isTracing ? SpanParam.allCases.map { bytes($0.name) } : []
            params = ParamNames(usual + ofSpans, lists: Param.lists)
            // Not the last two, where an identity comes in a parameter that is looked at for something else, too.
            user = params.index(of: identity.user)!
            workspace = params.index(of: identity.workspace)!
        }
    }

    let method: Method
    private let params: Params
    private let indexOfUser: Int
    private let indexOfWorkspace: Int

    @_lifetime(copy params)
    init(_ params: Params, _ names: borrowing Names) {
        self.params = params
        indexOfUser = names.user
        indexOfWorkspace = names.workspace
        method = Method(RawSpan(orEmpty: params[Param.requestMethod.rawValue]))
    }

    private subscript(_ param: Param) -> RawSpan? { @_lifetime(copy self) get { params[param.rawValue] } }

    var user: RawSpan? { @_lifetime(copy self) get { params[indexOfUser] } }
    var workspace: RawSpan? { @_lifetime(copy self) get { params[indexOfWorkspace] } }
    var scriptName: RawSpan { @_lifetime(copy self) get { RawSpan(orEmpty: self[.scriptName]) } }
    var pathInfo: RawSpan { @_lifetime(copy self) get { RawSpan(orEmpty: self[.pathInfo]) } }
    var expectedUser: RawSpan? { @_lifetime(copy self) get { self[.expectedUser] } }
    var expectedWorkspace: RawSpan? { @_lifetime(copy self) get { self[.expectedWorkspace] } }
    var proxySecret: RawSpan? { @_lifetime(copy self) get { self[.proxySecret] } }
    var ifMatch: RawSpan? { @_lifetime(copy self) get { self[.ifMatch] } }
    var ifNoneMatch: RawSpan? { @_lifetime(copy self) get { self[.ifNoneMatch] } }

    /// Who has caused the request.
    var traceParent: TraceParent? {
        guard let field = self[.traceParent] else { return nil }
        return TraceParent(field)
    }

    /// The web server's request id, where it could be a trace's.
    var requestID: TraceID? {
        guard let id = self[.requestID] else { return nil }
        return TraceID(id)
    }

    /// The same, not yet looked at.
    var unreadRequestID: UnreadTraceID? {
        @inline(__always)
        get {
            guard let id = self[.requestID] else { return nil }
            return UnreadTraceID(id)
        }
    }

    /// The web server's request id of another form: hex digits only, so that nothing of a client's making gets into a
    /// log.
    var otherRequestID: [UInt8]? {
        guard let requestID = self[.requestID], (16...64).contains(requestID.byteCount) else { return nil }
        let id = requestID.copied
        return id.allSatisfy(Hex.isDigit) ? id : nil
    }

    // MARK: Spans

    // These are there only where the names have what spans tell. Their places are not kept: each request would pay for it.

    @_lifetime(copy self)
    private func value(_ param: SpanParam, _ names: borrowing Names) -> RawSpan? {
        params[names.spans &+ param.rawValue]
    }

    /// What others along the trace have left.
    func traceState(_ names: borrowing Names) -> [UInt8]? {
        guard let field = value(.traceState, names) else { return nil }
        return TraceState.copy(field)
    }

    /// What the web server calls itself.
    @_lifetime(copy self)
    func serverName(_ names: borrowing Names) -> RawSpan? { value(.serverName, names) }

    /// The port on which it was asked.
    func serverPort(_ names: borrowing Names) -> Int? {
        guard let field = value(.serverPort, names) else { return nil }
        let port = field.withUnsafeBytes { Decimal.parse($0) }
        return port.flatMap { (1...65_535).contains($0) ? $0 : nil }
    }

    /// Whether it was asked over TLS.
    func isTLS(_ names: borrowing Names) -> Bool {
        guard let https = value(.https, names), !https.isEmpty else { return false }
        return !https.withUnsafeBytes { $0.equalsIgnoringCase("off") }
    }

    /// Whether the client wants the stored document when its own is not saved.
    var prefersRepresentation: Bool { Preferences.wantRepresentation(RawSpan(orEmpty: self[.prefer])) }

    /// Whether the body is said to be JSON in UTF-8.
    ///
    /// Required to the letter: a form on a foreign page can send any other type without asking first.
    var isJSON: Bool {
        guard let contentType = self[.contentType] else { return false }
        return contentType.withUnsafeBytes { contentType in
            let parts = contentType.split(separator: UInt8(ascii: ";")).map { $0.trimmed }
            guard let type = parts.first, type.equalsIgnoringCase("application/json") else { return false }
            return parts.dropFirst().allSatisfy { parameter in
                !parameter.lowercased.starts(with: "charset=".utf8) || parameter.equalsIgnoringCase("charset=utf-8")
                    || parameter.equalsIgnoringCase("charset=\"utf-8\"")
            }
        }
    }

    /// Whether the body is compressed, which a checksum over its bytes and a limit on them do not go with.
    var isEncoded: Bool {
        guard let contentEncoding = self[.contentEncoding], !contentEncoding.isEmpty else { return false }
        return !contentEncoding.withUnsafeBytes { $0.equalsIgnoringCase("identity") }
    }
}
