import Bytes

/// An answer of the admin address, which ends its connection.
struct AdminAnswer {
    var status: Status
    var contentType: StaticString
    var body: [UInt8]

    static func json(_ status: Status, _ body: [UInt8]) -> AdminAnswer {
        AdminAnswer(status: status, contentType: "application/json", body: body + [UInt8(ascii: "\n")])
    }

    static func text(_ status: Status, _ text: StaticString) -> AdminAnswer {
        var body: [UInt8] = []
        body.append(text)
        body.append("\n")
        return AdminAnswer(status: status, contentType: "text/plain; charset=utf-8", body: body)
    }

    static func refused(_ refusal: AdminRequest.Refusal) -> AdminAnswer {
        switch refusal {
        case .malformed: .text(.badRequest, "this is no request of HTTP/1")
        case .methodNotAllowed: .text(.methodNotAllowed, "only GET and HEAD")
        case .tooLong: .text(.requestHeaderFieldsTooLarge, "the request's head is longer than 8192 bytes")
        }
    }

    static let unknownPath = AdminAnswer.text(.notFound, "there are /healthz, /readyz, /status and /metrics")

    /// As it is sent.
    func bytes(withoutBody: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count + 256)
        bytes.append("HTTP/1.1 ")
        bytes.append(decimal: status.rawValue)
        bytes.append(" ")
        bytes.append(status.reason)
        bytes.append("\r\nContent-Type: ")
        bytes.append(contentType)
        bytes.append("\r\nContent-Length: ")
        bytes.append(decimal: body.count)
        if status == .methodNotAllowed { bytes.append("\r\nAllow: GET, HEAD") }
        bytes.append("\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n")
        if !withoutBody { bytes.append(contentsOf: body) }
        return bytes
    }
}
