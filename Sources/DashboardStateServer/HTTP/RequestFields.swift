import DashboardState
import FastCGI

/// What matters of one request, by name. All are views, valid until the request is answered.
struct RequestFields {
    /// The parameters that are looked at whatever is configured.
    private enum Param: Int, CaseIterable {
        case requestMethod, scriptName, pathInfo, expectedUser, expectedWorkspace, proxySecret, contentType,
            contentEncoding
        case ifMatch, ifNoneMatch, prefer, traceParent, requestID

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
            params = ParamNames(fixed + [identity.user, identity.workspace])
            // Not the last two, where an identity comes in a parameter that is looked at for something else, too.
            user = params.index(of: identity.user)!
            workspace = params.index(of: identity.workspace)!
        }
    }

    let method: Method
    private let params: Params
    private let indexOfUser: Int
    private let indexOfWorkspace: Int

    init(_ params: Params, _ names: borrowing Names) {
        self.params = params
        indexOfUser = names.user
        indexOfWorkspace = names.workspace
        method = params[Param.requestMethod.rawValue].map { Method($0) } ?? .other
    }

    private subscript(_ param: Param) -> UnsafeRawBufferPointer? { params[param.rawValue] }

    var user: UnsafeRawBufferPointer? { params[indexOfUser] }
    var workspace: UnsafeRawBufferPointer? { params[indexOfWorkspace] }
    var scriptName: UnsafeRawBufferPointer { self[.scriptName] ?? UnsafeRawBufferPointer(start: nil, count: 0) }
    var pathInfo: UnsafeRawBufferPointer { self[.pathInfo] ?? UnsafeRawBufferPointer(start: nil, count: 0) }
    var expectedUser: UnsafeRawBufferPointer? { self[.expectedUser] }
    var expectedWorkspace: UnsafeRawBufferPointer? { self[.expectedWorkspace] }
    var proxySecret: UnsafeRawBufferPointer? { self[.proxySecret] }
    var ifMatch: UnsafeRawBufferPointer? { self[.ifMatch] }
    var ifNoneMatch: UnsafeRawBufferPointer? { self[.ifNoneMatch] }

    /// The trace id of the W3C's `traceparent`, or the web server's request id: hex digits only, so that nothing of a
    /// client's making gets into a log.
    var traceID: UnsafeRawBufferPointer? {
        if let traceParent = self[.traceParent], traceParent.count >= 35, traceParent[2] == UInt8(ascii: "-") {
            let id = UnsafeRawBufferPointer(rebasing: traceParent[3..<35])
            if id.isHex { return id }
        }
        if let requestID = self[.requestID], (16...64).contains(requestID.count), requestID.isHex { return requestID }
        return nil
    }

    /// Whether the client wants the stored document when its own is not saved (RFC 7240, section 4.2).
    var prefersRepresentation: Bool {
        guard let prefer = self[.prefer] else { return false }
        return prefer.listElements.contains { $0.elementsEqual("return=representation".utf8) }
    }

    /// Whether the body is said to be JSON in UTF-8.
    ///
    /// Required to the letter: a form on a foreign page can send any other type without asking first.
    var isJSON: Bool {
        guard let contentType = self[.contentType] else { return false }
        let parts = contentType.split(separator: UInt8(ascii: ";")).map { $0.trimmed }
        guard let type = parts.first, type.equalsIgnoringCase("application/json") else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            !parameter.lowercased.starts(with: "charset=".utf8) || parameter.equalsIgnoringCase("charset=utf-8")
                || parameter.equalsIgnoringCase("charset=\"utf-8\"")
        }
    }

    /// Whether the body is compressed, which a checksum over its bytes and a limit on them do not go with.
    var isEncoded: Bool {
        guard let contentEncoding = self[.contentEncoding], !contentEncoding.isEmpty else { return false }
        return !contentEncoding[...].equalsIgnoringCase("identity")
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var isHex: Bool {
        allSatisfy { byte in
            (0x30...0x39).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
        }
    }

    /// The elements of a comma-separated list, without parameters and blanks.
    fileprivate var listElements: [Slice<UnsafeRawBufferPointer>] {
        split(separator: UInt8(ascii: ",")).map { element in
            element.prefix { $0 != UInt8(ascii: ";") }.trimmed
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var trimmed: Self {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    fileprivate var lowercased: [UInt8] {
        map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    fileprivate func equalsIgnoringCase(_ text: String) -> Bool { lowercased.elementsEqual(text.utf8) }
}
