/// What becomes of commands when a connection is lost, or takes too long.
extension Link {
    /// Whether the front of the queue has been sent, at least in part, and is not answered.
    var isAwaiting: Bool { isReady && (sentCommands > 0 || sentBytes > 0) }

    /// Looks whether anything moves on a connection on which commands wait for their replies, and gives it up where time
    /// is over. While something moves they may wait ten times as long.
    func examine(_ now: UInt64) {
        let most = unconfirmed + writtenSinceLook
        let wasUnderWay = isFirstUnderWay
        unconfirmed = socket?.unconfirmed() ?? 0
        writtenSinceLook = 0
        isFirstUnderWay = unconfirmed > queue.bytesSent(behindFirst: sentCommands, sentBytes)
        let isFirst = movedAt > examinedAt
        examinedAt = now
        if unconfirmed < most, wasUnderWay, !isFirst { movedAt = now }
        // At the first look it is not known yet whether what is under way moves.
        isSilent = now - min(movedAt, now) >= patience && !(isFirst && unconfirmed > 0)
        guard let deadline = queue.firstDeadline, deadline <= now else { return }
        let isLast = now >= deadline + Self.mostTimes * responseTimeout
        if isLast || now - min(movedAt, now) >= responseTimeout { lose(.timedOut, now) }
    }

    /// Commands that were not sent in time will not be.
    func failExpired(_ now: UInt64) {
        while let deadline = queue.firstDeadline, deadline <= now {
            let command = dequeue()
            command.receiver.fail(.timedOut)
            pool.give(command.buffer)
        }
    }

    func closeSocket() {
        socket = nil
        isOpen = false
        isBlocked = false
        isSilent = false
        handshake = nil
        received.forget()
    }

    /// The connection is gone, or is given up.
    func lose(_ reason: RESPError, _ now: UInt64) {
        let wasReady = isReady
        awaitsAddress = false
        closeSocket()
        let isAway = lifecycle.lost(now: now, wasOfUse: wasOfUse, using: &random)
        // The same failure again and again is told once.
        if wasReady { onEvent(.lost(reason)) } else if lastFailure != reason { onEvent(.refused(reason)) }
        lastFailure = reason
        wasOfUse = false
        requeue(reason, now, isAway: isAway)
    }

    /// Sorts out the queue after a loss: what may be sent again stays, in order.
    func requeue(_ reason: RESPError, _ now: UInt64, isAway: Bool) {
        var failed: [(PendingCommand, RESPError)] = []
        var kept: [PendingCommand] = []
        let sent = sentCommands
        let underWay = sent + (sentBytes > 0 ? 1 : 0)
        for index in 0..<queue.count {
            var command = dequeue()
            if command.isWrite, index < sent {
                failed.append((command, .unanswered))
            } else if command.deadline <= now {
                failed.append((command, .timedOut))
            } else if isAway || index == 0 && underWay == 1 && command.losses > 0 {
                // Who was alone under way at the second of two losses is taken for their cause.
                failed.append((command, reason))
            } else {
                if index < underWay { command.losses += 1 }
                kept.append(command)
            }
        }
        sentCommands = 0
        sentBytes = 0
        repliesToFirst = 0
        for command in kept { enqueue(command) }
        for (command, error) in failed {
            if isAway, error == reason, onUnsent(command) { continue }
            command.receiver.fail(error)
            pool.give(command.buffer)
        }
    }
}
