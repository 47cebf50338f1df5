/// How a link comes by an address that others know, and by another one when the server changes.
extension Link {
    /// Makes a link to a server whose address is asked for, by ``onSeek``, each time that a connection is to be made.
    public convenience init(
        seekingWith access: Access,
        connectTimeout: UInt64,
        responseTimeout: UInt64,
        tls: TLSContext? = nil
    ) {
        self.init(
            endpoint: Endpoint(.tcp(host: "", port: 0), access),
            connectTimeout: connectTimeout,
            responseTimeout: responseTimeout,
            tls: tls
        )
    }

    /// Whether the address is awaited: ``found(_:now:)`` or ``notFound(_:now:)`` are to follow.
    public var isSeeking: Bool { awaitsAddress }

    func seek(_ ask: () -> Void, _ now: UInt64) {
        awaitsAddress = true
        lifecycle.began(until: now + connectTimeout)
        ask()
    }

    /// The server is at this address. Where a connection leads elsewhere, or is to, it is given up; what was not sent, or only
    /// reads, goes on with the next one.
    public func found(_ address: Endpoint.Address, now: UInt64) {
        let isOther = address != endpoint.address
        guard awaitsAddress else {
            guard isOther else { return }
            if isReady {
                // The former server was of use; that it is another's turn is no failure.
                wasOfUse = true
                lose(.replaced, now)
            } else if socket != nil || lookUp != nil {
                return turn(to: address, now)
            }
            return lifecycle.retry(now)
        }
        awaitsAddress = false
        if isOther { move(to: address) }
        connectToAddress(now)
    }

    /// Connects to another server than the one that has not answered yet: nothing was sent to it, and all that waits goes on
    /// waiting, each command until its own deadline.
    private func turn(to address: Endpoint.Address, _ now: UInt64) {
        lookUp = nil
        isProvingReticence = false
        closeSocket()
        move(to: address)
        connectToAddress(now)
    }

    /// Nobody knows where the server is.
    public func notFound(_ reason: RESPError, now: UInt64) {
        guard awaitsAddress else { return }
        lose(reason, now)
    }

    /// What is known of one server is not known of another.
    private func move(to address: Endpoint.Address) {
        endpoint.address = address
        candidates = Candidates()
        resolution = nil
        dialect = .hello
        closedGreetings = 0
        isReticenceProven = false
        remakeTLS()
    }
}
