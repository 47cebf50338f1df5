import FastCGI
import Glibc

/// The parameters that matter of one request, found in one walk. All are views, valid until the request is answered.
struct RequestFields {
    private(set) var method = Method.other
    private(set) var scriptName = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var pathInfo = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var user: UnsafeRawBufferPointer?
    private(set) var workspace: UnsafeRawBufferPointer?
    private(set) var expectedUser: UnsafeRawBufferPointer?
    private(set) var proxySecret: UnsafeRawBufferPointer?
    private(set) var contentType: UnsafeRawBufferPointer?
    private(set) var contentEncoding: UnsafeRawBufferPointer?
    private(set) var ifMatch: UnsafeRawBufferPointer?
    private(set) var ifNoneMatch: UnsafeRawBufferPointer?
    private(set) var prefer: UnsafeRawBufferPointer?
    private(set) var traceParent: UnsafeRawBufferPointer?
    private(set) var requestID: UnsafeRawBufferPointer?

    /// Names of the parameters that are looked at, beside those of `identity`.
    static func names(_ identity: IdentityParams) -> [[UInt8]] {
        let names: [String] = [
            "PATH_INFO", "REQUEST_ID", "SCRIPT_NAME", "HTTP_PREFER", "CONTENT_TYPE", "PROXY_SECRET", "HTTP_IF_MATCH",
            "REQUEST_METHOD", "HTTP_TRACEPARENT", "HTTP_IF_NONE_MATCH", "HTTP_CONTENT_ENCODING",
            "HTTP_X_DASHBOARD_USER",
        ]
        return names.map { Array($0.utf8) } + [identity.user, identity.workspace]
    }

    /// - Parameter identity: names of the parameters with user and workspace.
    ///
    /// A name that is sent twice counts with its last value, an empty one too.
    init(_ params: Params, identity: IdentityParams) {
        for (name, value) in params {
            if name.equals(identity.user) { user = value }
            if name.equals(identity.workspace) { workspace = value }
            // By length first: a web server sends some thirty parameters, of which a dozen matter.
            switch name.count {
            case 9 where name.equals("PATH_INFO"): pathInfo = value
            case 10 where name.equals("REQUEST_ID"): requestID = value
            case 11 where name.equals("SCRIPT_NAME"): scriptName = value
            case 11 where name.equals("HTTP_PREFER"): prefer = value
            case 12 where name.equals("CONTENT_TYPE"): contentType = value
            case 12 where name.equals("PROXY_SECRET"): proxySecret = value
            case 13 where name.equals("HTTP_IF_MATCH"): ifMatch = value
            case 14 where name.equals("REQUEST_METHOD"): method = Method(value)
            case 16 where name.equals("HTTP_TRACEPARENT"): traceParent = value
            case 18 where name.equals("HTTP_IF_NONE_MATCH"): ifNoneMatch = value
            case 21 where name.equals("HTTP_CONTENT_ENCODING"): contentEncoding = value
            case 21 where name.equals("HTTP_X_DASHBOARD_USER"): expectedUser = value
            default: break
            }
        }
    }

    /// The trace id of the W3C's `traceparent`, or the web server's request id: hex digits only, so that nothing of a
    /// client's making gets into a log.
    var traceID: UnsafeRawBufferPointer? {
        if let traceParent, traceParent.count >= 35, traceParent[2] == UInt8(ascii: "-") {
            let id = UnsafeRawBufferPointer(rebasing: traceParent[3..<35])
            if id.isHex { return id }
        }
        if let requestID, (16...64).contains(requestID.count), requestID.isHex { return requestID }
        return nil
    }

    /// Whether the client wants the stored document when its own is not saved (RFC 7240, section 4.2).
    var prefersRepresentation: Bool {
        guard let prefer else { return false }
        return prefer.listElements.contains { $0.elementsEqual("return=representation".utf8) }
    }

    /// Whether the body is said to be JSON in UTF-8.
    ///
    /// Required to the letter: a form on a foreign page can send any other type without asking first.
    var isJSON: Bool {
        guard let contentType else { return false }
        let parts = contentType.split(separator: UInt8(ascii: ";")).map { $0.trimmed }
        guard let type = parts.first, type.equalsIgnoringCase("application/json") else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            !parameter.lowercased.starts(with: "charset=".utf8) || parameter.equalsIgnoringCase("charset=utf-8")
                || parameter.equalsIgnoringCase("charset=\"utf-8\"")
        }
    }

    /// Whether the body is compressed, which a checksum over its bytes and a limit on them do not go with.
    var isEncoded: Bool {
        guard let contentEncoding, !contentEncoding.isEmpty else { return false }
        return !contentEncoding[...].equalsIgnoringCase("identity")
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func equals(_ name: [UInt8]) -> Bool {
        guard count == name.count, let baseAddress else { return false }
        return memcmp(baseAddress, name, count) == 0
    }

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
