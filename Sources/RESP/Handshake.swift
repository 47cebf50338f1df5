/// The first commands on a new connection, sent together, and what their replies mean. It ends with a PING, so that a
/// connection counts as ready only once Redis really answers: it takes others while it is still loading its data.
struct Handshake {
    /// What follows from a reply.
    enum Step: Equatable {
        /// More replies are to come.
        case waiting
        /// The server does not know HELLO: send the commands again, without it.
        case again
        /// The connection can be used.
        case done
        /// The server refuses it.
        case refused(code: String)
    }

    private enum Command {
        case hello
        case auth
        case select
        case ping
    }

    private let endpoint: Endpoint
    private var commands: [Command]
    private var answered = 0
    private var lacksHello = false

    /// RESP3 by HELLO (Redis 6), which takes the password too.
    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
        commands = [.hello]
        if endpoint.database != 0 { commands.append(.select) }
        commands.append(.ping)
    }

    func encode(_ encoder: CommandEncoder) {
        for command in commands { encode(command, encoder) }
    }

    private func encode(_ command: Command, _ encoder: CommandEncoder) {
        switch command {
        case .hello:
            encoder.begin(argumentCount: endpoint.password == nil ? 2 : 5)
            encoder.argument("HELLO")
            encoder.argument("3")
            guard let password = endpoint.password else { return }
            encoder.argument("AUTH")
            encoder.argument(endpoint.username ?? Array("default".utf8))
            encoder.argument(password)
        case .auth:
            guard let password = endpoint.password else { return }
            encoder.begin(argumentCount: endpoint.username == nil ? 2 : 3)
            encoder.argument("AUTH")
            if let username = endpoint.username { encoder.argument(username) }
            encoder.argument(password)
        case .select:
            encoder.begin(argumentCount: 2)
            encoder.argument("SELECT")
            encoder.argument(Array(String(endpoint.database).utf8))
        case .ping:
            encoder.begin(argumentCount: 1)
            encoder.argument("PING")
        }
    }

    mutating func receive(_ reply: Reply) -> Step {
        let command = commands[answered]
        answered += 1
        if reply.kind.isError {
            let code = String(decoding: reply.errorCode, as: UTF8.self)
            if command == .hello, code == "ERR" || code == "NOPROTO" {
                lacksHello = true
            } else if !lacksHello {
                return .refused(code: code)
            }
        }
        guard answered == commands.count else { return .waiting }
        guard lacksHello else { return .done }
        lacksHello = false
        answered = 0
        commands[0] = .auth
        if endpoint.password == nil { commands.removeFirst() }
        return .again
    }
}
