/// How TLS comes between a socket and the first commands, and what of it outlives a connection.
extension Link {
    /// The socket has connected, or the handshake of TLS on it goes on.
    func open(isWritable: Bool, _ now: UInt64) {
        guard let socket, isWritable || isShakingHands else { return }
        if !isShakingHands, let reason = socket.connectError() { return failToConnect(.cannotConnect(reason), now) }
        switch socket.tls?.shakeHands() {
        case nil, .done: greet(now)
        case .waiting: break
        case .failed(let error): failToConnect(error, now)
        }
    }

    /// Whether TLS was begun, and is not agreed on yet.
    var isShakingHands: Bool { !isOpen && socket?.tls?.hasBegun == true }

    /// Whether bytes that count as sent have not left.
    var isHolding: Bool { socket?.tls?.isHolding == true }

    /// Whether TLS goes on when the socket takes bytes, and not only when some come.
    var waitsForRoom: Bool { socket?.tls?.waitsForRoom == true }

    /// Whether TLS holds bytes that came: no event will tell of them.
    var hasPending: Bool { socket?.tls?.hasPending == true }

    /// Why TLS has failed on the connection that there is.
    var failureOfTLS: RESPError { socket?.tls?.failure ?? .connectionLost(Socket.closedByPeer) }

    // MARK: Sessions

    /// The server has answered the first commands.
    func keepSession() {
        if let connection = socket?.tls { tls?.isOfUse(connection) }
    }

    /// A connection came to nothing.
    func dropSession(_ reason: RESPError) {
        if socket?.tls?.hasBegun == true { tls?.failed(reason) }
    }

    // MARK: TLS on one side only

    /// What it means that the connection ended before the first command was answered; `nil` where it means nothing.
    func unansweredGreeting(_ reason: String) -> RESPError? {
        guard isOpen, handshake?.isUnanswered == true, received.bytes.isEmpty, !saysRole else { return nil }
        if let connection = socket?.tls { return connection.hasRead ? nil : .tls(.endedBehindHandshake(reason)) }
        // A server that takes these commands for a handshake of TLS hangs up.
        guard case .tcp = endpoint.address else { return nil }
        return .tls(.mayBeWanted)
    }

    /// Whether the first answer is an alert of TLS (RFC 8446, section 5.1).
    var isAlertOfTLS: Bool {
        handshake?.isUnanswered == true && socket?.tls == nil && received.bytes.starts(with: [21, 3])
    }
}

extension TLSClient {
    /// A part in TLS for an endpoint that uses it; `nil` for others.
    convenience init?(_ endpoint: Endpoint, _ context: TLSContext?) {
        guard endpoint.usesTLS, case .tcp(let host, _) = endpoint.address else { return nil }
        guard let context else { preconditionFailure("an endpoint with TLS, and nothing to do it with") }
        self.init(context, host: host)
    }
}
