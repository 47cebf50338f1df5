/// Where the answer to a request goes whose web server has given it up: its connection may be another request's by then.
final class Nobody: Responder, Sendable {
    static let there = Nobody()

    func respond(head: RawSpan, body: RawSpan) {}
}
