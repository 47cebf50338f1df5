/// How a link comes by a connection that is of use: an address, a socket, and a handshake.
extension Link {
    func connect(_ now: UInt64) {
        if let onSeek { seek(onSeek, now) } else { connectToAddress(now) }
    }

    func connectToAddress(_ now: UInt64) {
        if case .unix(let path) = endpoint.address { candidates.found([SocketAddress(unix: path)]) }
        if case .tcp(let host, let port) = endpoint.address {
            if candidates.isEmpty, let addresses = Resolution.numeric(host, port) {
                candidates.found(addresses)
            } else {
                return resolve(host, port, now)
            }
        }
        connectToFirst(now)
    }

    private func connectToFirst(_ now: UInt64) {
        candidates.begin()
        connectToNext(.cannotConnect("no address"), now)
    }

    /// Tries the round's next address.
    /// - Parameter failure: why the one before was of no use.
    private func connectToNext(_ failure: RESPError, _ now: UInt64) {
        var failure = failure
        while let address = candidates.next() {
            // Later addresses want their share of the time.
            let share = max(connectTimeout / UInt64(candidates.remaining + 1), min(connectTimeout, Self.shortestTry))
            lifecycle.began(until: now + share)
            do throws(RESPError) {
                socket = try Socket(connectingTo: address, timeout: responseTimeout, tls: tls)
                return
            } catch { failure = error }
        }
        lose(failure, now)
    }

    /// So many connections that are closed over a dialect, and another one is tried.
    private static let provingGreetings = 2

    /// Nanoseconds that each of many addresses has at least.
    private static let shortestTry: UInt64 = 250_000_000

    // MARK: Names

    /// Looks the host's name up, on another thread. Meanwhile the addresses that are known are tried, as name servers are
    /// out of reach when much else is.
    private func resolve(_ host: String, _ port: UInt16, _ now: UInt64) {
        if let outcome = resolution?.outcome { take(outcome) }
        if resolution == nil {
            do throws(RESPError) {
                resolution = try Resolution(host, port)
            } catch {
                guard !candidates.isEmpty else { return lose(error, now) }
            }
        }
        guard candidates.isEmpty else { return connectToFirst(now) }
        // The connect's clock starts with the address; those who ask meanwhile wait as long as for an answer.
        lifecycle.began(until: now + connectTimeout)
        lookUp = resolution
    }

    /// The look-up that the link waits for has ended.
    func resolved(_ now: UInt64) {
        guard let outcome = lookUp?.outcome else { return }
        lookUp = nil
        take(outcome)
        guard case .failure(let error) = outcome else { return connectToFirst(now) }
        lose(error, now)
    }

    private func take(_ outcome: Resolution.Outcome) {
        resolution = nil
        // Where nothing is found, what was known is better than nothing.
        if case .success(let addresses) = outcome { candidates.found(addresses) }
    }

    // MARK: The handshake

    func greet(_ now: UInt64) {
        isOpen = true
        let handshake = Handshake(endpoint, dialect, takesReplicas: takesReplicas)
        self.handshake = handshake
        writeGreeting(handshake)
        write(now)
    }

    private func writeGreeting(_ handshake: Handshake) {
        greeting.removeAll()
        greetingSent = 0
        handshake.encode(CommandEncoder(greeting))
    }

    func receiveGreeting(_ reply: Reply, _ now: UInt64) {
        guard var handshake else { return }
        let step = handshake.receive(reply)
        self.handshake = handshake
        switch step {
        case .waiting: break
        case .again:
            writeGreeting(handshake)
            write(now)
        case .done(let role):
            closedGreetings = 0
            candidates.succeeded()
            keepSession()
            refusedPassword = nil
            guard handshake.dialect != .reticent || isReticenceProven else { return proveReticence(now) }
            self.handshake = nil
            dialect = handshake.dialect
            saysRole = saysRole || role != .unknown
            lifecycle.succeeded(now)
            knows(role, now)
            lastFailure = nil
            onEvent(.connected(role))
        case .refused(let error): failToConnect(error, now)
        }
    }

    // MARK: Failing

    /// An address was of no use. Tries again at once what may help, and the next address otherwise.
    func failToConnect(_ reason: RESPError, _ now: UInt64) {
        let wasGreeted = isOpen
        let wasProving = isProvingReticence
        isProvingReticence = false
        dropSession(reason)
        closeSocket()
        switch reason {
        case .refused(.wrongPassword), .refused(.noAuth):
            // A password that is refused may have been changed since it was read.
            if refusedPassword == nil, let password = readPassword(), password != endpoint.password {
                refusedPassword = endpoint.password ?? []
                endpoint.password = password
                return connectToFirst(now)
            }
            refusedPassword = nil
        case .connectionLost where wasGreeted && wasProving, .tls(.mayBeWanted) where wasProving,
            .tls(.endedBehindHandshake) where wasProving:
            closedGreetings += 1
            isReticenceProven = closedGreetings >= Self.provingGreetings
            isProvingReticence = !isReticenceProven
            if isReticenceProven { dialect = .reticent }
            return connectToFirst(now)
        case .connectionLost where wasGreeted && !saysRole, .tls(.mayBeWanted), .tls(.endedBehindHandshake):
            if !saysRole { trySimpler() }
        case .replica: saysRole = true
        default: break
        }
        connectToNext(reason, now)
    }

    /// Some proxies close the connection over a command that they do not know. One that was closed may have had other
    /// reasons, so it takes two; and a server that has once said its role is never asked less.
    private func trySimpler() {
        closedGreetings += 1
        guard closedGreetings >= Self.provingGreetings else { return }
        closedGreetings = 0
        dialect = dialect.next ?? .hello
        isReticenceProven = false
    }

    /// The server answers who does not ask for its role. Connections may have been closed before because nobody was
    /// there, as behind a proxy; so now that somebody is, the question is put once more. Without it a replica would
    /// count as a master for as long as the connection lasts.
    private func proveReticence(_ now: UInt64) {
        closeSocket()
        isProvingReticence = true
        dialect = .plain
        connectToFirst(now)
    }

    func connectingTakesTooLong(_ now: UInt64) {
        guard !awaitsAddress else { return lose(.noMaster(.sentinelsAway), now) }
        if lookUp != nil {
            lifecycle.isTakingLong()
            return requeue(.timedOut, now, isAway: true)
        }
        failToConnect(isShakingHands ? .tls(.isNotAnswered) : .timedOut, now)
    }
}
