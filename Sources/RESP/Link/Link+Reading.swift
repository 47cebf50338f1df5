/// How replies come from the socket to whoever asked.
extension Link {
    func read(_ now: UInt64) {
        let before = generation
        while isOpen, before == generation, let transfer = socket?.receive(into: received.room) {
            switch transfer {
            case .moved(let count):
                let hadMoreRoom = count < received.room.count
                movedAt = now
                isSilent = false
                received.added(count)
                deliver(now)
                // Less than there was room for: nothing is left to read, but for what TLS gives in pieces.
                if hadMoreRoom, !usesTLS || !hasPending { return }
            case .wouldBlock: return
            case .closed(let reason): return close(reason, now)
            case .failed: return fail(failureOfTLS, now)
            }
        }
    }

    /// The connection has ended.
    func close(_ reason: String, _ now: UInt64) {
        fail(isReady ? .connectionLost(reason) : unansweredGreeting(reason) ?? .connectionLost(reason), now)
    }

    func fail(_ reason: RESPError, _ now: UInt64) {
        if isReady { lose(reason, now) } else { failToConnect(reason, now) }
    }

    private func deliver(_ now: UInt64) {
        let (wasReady, received) = (isReady, received)
        do throws(RESPError) {
            loop: while isOpen, !received.bytes.isEmpty {
                let bytes = received.span
                switch try ReplyParser.parse(bytes) {
                case .incomplete(let minimum):
                    // Once a command is sent, the rest would make it that command's reply.
                    if isReady, !isAwaiting, received.bytes[0] != Reply.Kind.push.rawValue { throw .unasked }
                    received.reserve(minimum)
                    break loop
                case .complete(let reply, let length):
                    guard try deliver(reply, now) else { return }
                    received.consume(length)
                }
            }
        } catch { return lose(isAlertOfTLS ? .tls(.mayBeWanted) : error, now) }
        // Not before all is read that came with the greeting's replies: it answers nothing that is sent from now on.
        if !wasReady, isReady { write(now) }
    }

    /// Whether a push answers a command, as those to SUBSCRIBE do in RESP3.
    private static func isConfirmation(_ push: Reply) -> Bool {
        var elements = push.elements
        return elements.next()?.bytes.equals("subscribe") ?? false
    }

    /// - Returns: false if the connection was given up over it.
    private func deliver(_ reply: Reply, _ now: UInt64) throws(RESPError) -> Bool {
        let before = generation
        if reply.kind == .push, handshake != nil || !Self.isConfirmation(reply) {
            onPush(reply)
            return isOpen && before == generation
        }
        guard handshake == nil else {
            receiveGreeting(reply, now)
            return isOpen && before == generation
        }
        isDelivering = true
        defer { isDelivering = false }
        let index = repliesToFirst
        let expected = queue.firstCommandCount
        // The first of several may be answered before the last is sent.
        guard expected > 0, sentCommands > 0 || sentBytes > 0 && index + 1 < expected else {
            throw .unasked
        }
        if index + 1 < expected {
            repliesToFirst += 1
            let queue = queue
            queue.firstReceiver.receive(reply, index, to: queue.firstBytes)
        } else {
            repliesToFirst = 0
            sentCommands -= 1
            wasOfUse = true
            wasSilent = false
            let command = dequeue()
            command.receiver.receive(reply, index, to: command.buffer.span)
            pool.give(command.buffer)
        }
        return isOpen && before == generation
    }
}

extension RESPError {
    /// A reply has come and no command waits for one.
    fileprivate static let unasked = RESPError.protocolError("a reply that nobody asked for")
}
