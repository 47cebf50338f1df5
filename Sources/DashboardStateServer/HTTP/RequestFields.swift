import Bytes
import DashboardState
import FastCGI

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

    /// All parameters that are looked at, those that carry the identity included.
    struct Names {
        let params: ParamNames
        fileprivate let user: Int
        fileprivate let workspace: Int

        init(_ identity: IdentityParams) {
            let fixed = Param.allCases.map { param in
                var name: [UInt8] = []
                name.append(param.name)
                return name
            }
            params = ParamNames(fixed + [identity.user, identity.workspace], lists: Param.lists)
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

    /// The trace id of the W3C's `traceparent`, or the web server's request id: hex digits only, so that nothing of a
    /// client's making gets into a log.
    var traceID: [UInt8]? {
        if let id = self[.traceParent]?.withUnsafeBytes({ $0.traceID.map { [UInt8]($0) } }) { return id }
        guard let requestID = self[.requestID], (16...64).contains(requestID.byteCount) else { return nil }
        let id = requestID.copied
        return id.allSatisfy(Hex.isDigit) ? id : nil
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

extension UnsafeRawBufferPointer {
    /// The trace id of a `traceparent` of version 00, the only one that there is.
    ///
    /// Source: W3C Trace Context, section 3.2.
    fileprivate var traceID: UnsafeRawBufferPointer? {
        // version-trace-parent-flags
        guard count == 55, self[0] == 0x30, self[1] == 0x30 else { return nil }
        guard [2, 35, 52].allSatisfy({ self[$0] == UInt8(ascii: "-") }) else { return nil }
        let parts = [3..<35, 36..<52, 53..<55].map { UnsafeRawBufferPointer(rebasing: self[$0]) }
        let areHex = parts.allSatisfy { part in
            part.allSatisfy { Hex.isDigit($0) && $0 | 0x20 == $0 }
        }
        // An id of zeros is none.
        guard areHex, parts[..<2].allSatisfy({ $0.contains { $0 != 0x30 } }) else { return nil }
        return parts[0]
    }
}
