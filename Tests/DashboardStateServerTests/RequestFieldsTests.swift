import SwiftSupport
import Testing

@testable import DashboardStateServer
@testable import FastCGI

struct RequestFieldsTests {
    /// What is read of parameters as a web server sends them.
    private func read<Value>(_ params: [(String, String)], _ value: (RequestFields) -> Value) throws -> Value {
        let names = RequestFields.Names(try Configuration(environment: Environment { _ in nil }).identity)
        let reader = try ParamsReader(names.params)
        return try FastCGIRecords.pairs(params).withUnsafeBytes { content in
            guard let params = reader.read(content) else { throw FastCGIError.invalidAddress("no pairs") }
            return value(RequestFields(params, names))
        }
    }

    private func text(_ value: RawSpan?) -> String? {
        guard let value else { return nil }
        return value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        arguments: [
            "return=representation", "Return=representation", "RETURN=Representation", "return=\"representation\"",
            "return = representation", "return\t=\t\"represent\\ation\"", "return=representation;foo",
            "return=representation ; a=\"b,return=minimal\"", "respond-async, return=representation",
            "respond-async,,\t,return=representation,", "wait=10, return=representation",
            "return=representation, return=minimal", "foo=\"x,\\\",return=minimal\", return=representation",
            "foo; return=minimal, return=representation", "a=b;c=\"d\" , return=representation",
        ]
    )
    func aRepresentationIsPreferred(field: String) throws {
        #expect(try read([("HTTP_PREFER", field)], { $0.prefersRepresentation }))
    }

    @Test(
        arguments: [
            "", ",", "=", "return", "return=", "return=minimal", "return=minimal, return=representation",
            "return, return=representation", "foo=\"x,return=representation,y\"", "foo=\"x, return=representation",
            "foo; return=representation", "xreturn=representation", "return=representations", "return representation",
            "\"return\"=representation", "return=\"representation", "return=represent ation",
        ]
    )
    func otherwiseNot(field: String) throws {
        #expect(try !read([("HTTP_PREFER", field)], { $0.prefersRepresentation }))
    }

    @Test func preferencesMayComeInSeveralFields() throws {
        func prefers(_ fields: String...) throws -> Bool {
            try read(fields.map { ("HTTP_PREFER", $0) }, { $0.prefersRepresentation })
        }
        #expect(try prefers("return=representation", "respond-async"))
        #expect(try prefers("respond-async", "return=representation"))
        #expect(try prefers("return=representation", "return=minimal"))
        #expect(try !prefers("return=minimal", "return=representation"))
        #expect(try !prefers())
    }

    @Test func otherListsToo() throws {
        let params = [
            ("HTTP_IF_MATCH", "\"a\""), ("HTTP_IF_MATCH", "\"b\""), ("HTTP_IF_NONE_MATCH", "*"),
            ("HTTP_CONTENT_ENCODING", "identity"), ("HTTP_CONTENT_ENCODING", "gzip"), ("REMOTE_USER", "a"),
            ("REMOTE_USER", "b"), ("PROXY_SECRET", "a"), ("PROXY_SECRET", "b"),
        ]
        try read(params) { fields in
            let ifMatch = text(fields.ifMatch)
            #expect(ifMatch == #""a", "b""#)
            let ifNoneMatch = text(fields.ifNoneMatch)
            #expect(ifNoneMatch == "*")
            let isEncoded = fields.isEncoded
            #expect(isEncoded)
            // But of who it is for, the last counts.
            let user = text(fields.user)
            #expect(user == "b")
            let proxySecret = text(fields.proxySecret)
            #expect(proxySecret == "b")
        }
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test func tracesAreThoseOfTraceparentOrElseOfTheWebServer() throws {
        func id(_ traceParent: String, _ more: [(String, String)] = []) throws -> String? {
            try read([("HTTP_TRACEPARENT", traceParent)] + more) { fields in
                ((fields.traceParent?.traceID ?? fields.unreadRequestID?.traceID)?.digits ?? fields.otherRequestID).map
                { String(decoding: $0, as: UTF8.self) }
            }
        }
        #expect(try id("00-\(Self.trace)-b7ad6b7169203331-01") == Self.trace)
        #expect(try id("01-\(Self.trace)-b7ad6b7169203331-01-x") == Self.trace)
        let other = String(repeating: "Af", count: 32)
        #expect(try id("", [("REQUEST_ID", other)]) == other)
        #expect(try id("", [("REQUEST_ID", other + "0")]) == nil)
        for other in [
            "", "00", "ff-\(Self.trace)-b7ad6b7169203331-01", "01-\(Self.trace)-b7ad6b7169203331-01x",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-\(Self.trace)-0000000000000000-01",
            "00-\(Self.trace.uppercased())-b7ad6b7169203331-01", "00-\(Self.trace)-b7ad6b7169203331-01-x",
            "00-\(Self.trace)-b7ad6b7169203331-0", "00-\(Self.trace)-b7ad6b716920333g-01",
            "00_\(Self.trace)-b7ad6b7169203331-01",
            "00-\(Self.trace)-b7ad6b7169203331-0x", " 0-\(Self.trace)-b7ad6b7169203331-01",
        ] {
            #expect(try id(other) == nil)
            let requestID = "0123456789abcdef0123456789abcdef"
            #expect(try id(other, [("REQUEST_ID", requestID)]) == requestID)
        }
    }
}
