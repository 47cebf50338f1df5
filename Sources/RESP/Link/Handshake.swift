/// The first commands on a new connection, sent together, and what their replies mean. It ends with a PING, so that a
/// connection counts as ready only once Redis really answers: it takes others while it is still loading its data.
struct Handshake {
    /// How a server is spoken to. Each is tried after the one before has failed in a way that may be its fault.
    enum Dialect: Equatable {
        /// RESP3 by HELLO (Redis 6), which takes the password, and tells the role.
        case hello
        /// RESP2, as Redis 5 and some proxies want it, and the question for the role.
        case plain
        /// The same without that question: some proxies close the connection over commands that they do not know.
        case reticent

        /// What to try where connections were closed over this one.
        var next: Dialect? {
            switch self {
            case .hello: .plain
            case .plain: .reticent
            case .reticent: nil
            }
        }
    }

    /// What follows from a reply.
    enum Step: Equatable {
        /// More replies are to come.
        case waiting
        /// The server does not know HELLO: send the commands again, without it.
        case again
        /// The connection can be used.
        case done(Role)
        /// The server refuses it.
        case refused(RESPError)
    }

    private enum Command {
        case hello
        case auth
        case select
        case ping
        case role
    }

    private let endpoint: Endpoint
    /// Whether a replica will do.
    private let takesReplicas: Bool
    private(set) var dialect: Dialect
    private var commands: [Command]
    private var answered = 0
    private var role = Role.unknown
    /// In which dialect to ask again, where this is not the server's.
    private var next: Dialect?
    /// The server has refused HELLO on this connection.
    private var isHelloRefused = false

    /// Whether no reply has come to what was sent last.
    var isUnanswered: Bool { answered == 0 }

    init(_ endpoint: Endpoint, _ dialect: Dialect, takesReplicas: Bool = false) {
        self.endpoint = endpoint
        self.takesReplicas = takesReplicas
        self.dialect = dialect
        commands = Self.commands(endpoint, dialect)
    }

    private static func commands(_ endpoint: Endpoint, _ dialect: Dialect) -> [Command] {
        var commands: [Command] = []
        if dialect == .hello { commands.append(.hello) } else if endpoint.password != nil { commands.append(.auth) }
        if endpoint.database != 0 { commands.append(.select) }
        if dialect == .plain { commands.append(.role) }
        return commands + [.ping]
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
            encoder.begin(argumentCount: endpoint.username == nil ? 2 : 3)
            encoder.argument("AUTH")
            if let username = endpoint.username { encoder.argument(username) }
            encoder.argument(endpoint.password ?? [])
        case .select:
            encoder.begin(argumentCount: 2)
            encoder.argument("SELECT")
            encoder.argument(decimal: endpoint.database)
        case .ping:
            encoder.begin(argumentCount: 1)
            encoder.argument("PING")
        case .role: Self.askRole(.plain, encoder)
        }
    }

    /// Writes the command whose reply tells the role.
    static func askRole(_ dialect: Dialect, _ encoder: CommandEncoder) {
        // HELLO 3 again changes nothing, and servers that took it once take it again.
        encoder.begin(argumentCount: dialect == .hello ? 2 : 1)
        encoder.argument(dialect == .hello ? "HELLO" : "ROLE")
        if dialect == .hello { encoder.argument("3") }
    }

    mutating func receive(_ reply: Reply) -> Step {
        let command = commands[answered]
        answered += 1
        if reply.kind.isError {
            if let refusal = refusal(of: command, ServerError(reply)) { return .refused(refusal) }
        } else if command == .hello || command == .role {
            role = Role(reply)
        }
        guard answered == commands.count else { return .waiting }
        if let next {
            dialect = next
            self.next = nil
            answered = 0
            commands = Self.commands(endpoint, dialect)
            return .again
        }
        return role == .replica && !takesReplicas ? .refused(.replica) : .done(role)
    }

    /// Why the connection is of no use; `nil` where it is all the same.
    private mutating func refusal(of command: Command, _ error: ServerError) -> RESPError? {
        // What follows a HELLO that was not understood was sent without a password, and is sent again.
        if next != nil { return nil }
        switch (command, error.code) {
        case (_, .maxClients), (_, .loading), (_, .masterDown), (_, .denied), (_, .wrongPassword), (_, .busy):
            return .refused(error.code)
        case (.hello, .noAuth) where endpoint.password == nil: return .refused(.noAuth)
        case (.hello, _):
            // Each server that does not know it says so in words of its own.
            isHelloRefused = true
            next = .plain
            return nil
        // Who has rights to give knows HELLO, which tells the role without any, unless somebody in between does not.
        case (.role, .noPermission) where !isHelloRefused:
            next = .hello
            return nil
        // A proxy may not let it through; the role is then not known.
        case (.role, _): return nil
        // Redis refuses PING with MISCONF where it refuses writes, and where the user may not call it; it answers, though.
        case (.ping, .misconf), (.ping, .noPermission): return nil
        default: return .refused(error.code)
        }
    }
}
