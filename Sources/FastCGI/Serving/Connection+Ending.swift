import Glibc

/// How connections end: kept for the next request, or closed so that the last answer arrives.
extension Connection {
    /// Keeps the connection for the next request, where that is what both sides want.
    func park() {
        guard keepsConnection else { return part() }
        guard !hasEnded else { return leave() }
        // Not sooner: a connection that carries one request would only be held up.
        if !isSettled, arrival.isAtRest {
            isSettled = true
            if serverLoop.handOver(self) {
                phase = .closed
                return
            }
        }
        becomeIdle()
    }

    private func becomeIdle() {
        if phase == .sending {
            unsent = []
            deadline = nil
        }
        if phase == .sending { serverLoop.loop.rewatch(descriptor, for: .readable) }
        phase = .idle
        idleSince = serverLoop.loop.now
    }

    /// Ends a connection that its web server keeps, unless the next request is there already: then with its answer.
    func leave() {
        // What there is to read is the rest of a request that has its answer.
        guard !arrival.isCutShort else { return part() }
        if !Farewell.hasInput(descriptor) { Farewell.refuseInput(descriptor) }
        // It may have come just before that. It is read when the loop next looks, and not under whoever has just answered.
        guard Farewell.hasInput(descriptor) else { return close() }
        Farewell.hold(descriptor, false)
        becomeIdle()
    }

    /// Ends a connection behind its last answer. Where the peer may still be writing, it lingers first.
    private func part() {
        guard !peerIsGone, mayLoseAnswer, serverLoop.takeOneThatLingers() else { return close() }
        linger()
    }

    /// Whether closing the connection now could keep its answer from the peer. TCP resets a connection that is closed with
    /// something unread, or that something reaches after that, and drops what it has not delivered of the answer. A Unix
    /// socket has delivered all of it, but whoever is still writing to it gets an error, and may not look for an answer then.
    private var mayLoseAnswer: Bool {
        guard !arrival.isCutShort else { return true }
        return isTCP && (wasLong || Farewell.hasInput(descriptor))
    }

    // MARK: Lingering

    /// Tells the peer that nothing more comes, and reads on, for nothing, until it has closed its side too.
    private func linger() {
        Farewell.endOutput(descriptor)
        arrival = Arrival()
        unsent = []
        patience = Patience(bytes: serverLoop.limits.longestLinger, end: serverLoop.endOfLingering)
        if isWatched {
            if phase == .sending { serverLoop.loop.rewatch(descriptor, for: .readable) }
        } else {
            isWatched = serverLoop.watch(self, descriptor)
        }
        phase = .lingering
        guard isWatched else { return close() }
        expectEnd()
    }

    private func expectEnd() { expectMore(by: min(patience.end, serverLoop.loop.now + serverLoop.limits.stall)) }

    /// Throws away what has come.
    func discard() {
        let window = serverLoop.window
        let count = recv(descriptor, window.baseAddress, window.count, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count == 0 || errno != EAGAIN && errno != EINTR { close() }
            return
        }
        patience.bytes -= count
        guard patience.bytes > 0 else { return close() }
        expectEnd()
    }

    /// Has a connection that lingers end by this time, monotonic.
    func hurry(until time: UInt64) {
        guard phase == .lingering else { return }
        patience.end = min(patience.end, time)
        expectEnd()
    }

    // MARK: Closing

    /// Closes the connection whatever it is doing. What was sent still reaches the peer.
    func close() {
        guard phase != .closed else { return }
        serverLoop.loop.unwatch(descriptor)
        _ = Glibc.close(descriptor)
        if phase == .lingering { serverLoop.lingering -= 1 }
        phase = .closed
        arrival = Arrival()
        deadline = nil
        serverLoop.closed(self)
    }
}
