import RESP

/// The question whether a server drops states to make room, which it may, since all have a time to live.
///
/// It goes over a connection that is there anyway, once for each server, behind what waits for that. Nobody waits for the
/// answer, and nothing comes of it but a line in the log.
final class EvictionQuestion: ReplyReceiver {
    private let troubles: RedisTroubles
    private let server: String

    /// Asks over a link, which has just connected, unless the server was asked before.
    /// - Parameters:
    ///   - role: what the server says it is. Who says none may be a proxy that hangs up over what it does not know.
    ///   - node: what to call the server, where there are several.
    static func ask(_ link: Link, as role: Role, _ node: String?, _ troubles: RedisTroubles, _ now: UInt64) {
        guard role == .master, troubles.isEvictionNews(node) else { return }
        let question = EvictionQuestion(troubles, node ?? link.endpoint.description)
        link.send(isWrite: false, to: question, now: now) { StateCommands.askForMemory($0) }
    }

    private init(_ troubles: RedisTroubles, _ server: String) {
        self.troubles = troubles
        self.server = server
    }

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        // The rights that the documentation lists do without: who may not ask is told nothing.
        guard !reply.kind.isError else { return }
        let text = reply.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        if let sentence = ServerFacts(text).eviction { troubles.tell(.warning, sentence, ["redis": "\(server)"]) }
    }

    func fail(_ error: RESPError) {}
}
