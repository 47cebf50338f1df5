import Glibc

/// How commands reach the socket: as many as it takes in one call.
extension Link {
    private static let mostVectors = 64

    /// - Parameter hadNoRoom: whether the socket has taken some of what was too much for it.
    func write(_ now: UInt64, hadNoRoom: Bool = false) {
        while isOpen, !isBlocked {
            let transfer = withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.mostVectors) { vectors in
                let count = fill(vectors)
                return count == 0 && !(usesTLS && isHolding)
                    ? nil : socket?.send(UnsafeMutableBufferPointer(rebasing: vectors[..<count]))
            }
            switch transfer {
            case nil: return
            case .moved(let count):
                // What goes out behind a command that waits for its reply says nothing of that one: a server that stands
                // still takes more all the same.
                if sentCommands == 0 || hadNoRoom { movedAt = now }
                writtenSinceLook += count
                written(count)
            case .wouldBlock: isBlocked = true
            case .closed(let reason):
                // A server that refuses a connection says why before it closes it.
                let before = generation
                if handshake != nil { read(now) }
                if before == generation { close(reason, now) }
                return
            case .failed: return fail(failureOfTLS, now)
            }
        }
    }

    /// Lays out what is to be written next.
    private func fill(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
        guard handshake == nil else {
            let rest = greeting.memory[greetingSent..<greeting.count]
            guard !rest.isEmpty else { return 0 }
            vectors[0] = iovec(iov_base: rest.base.baseAddress! + greetingSent, iov_len: rest.count)
            return 1
        }
        // Suspects are in front, as they were sent before what is behind them.
        let most = queue.firstIsSuspect ? max(0, 1 - sentCommands) : vectors.count
        let count = min(most, queue.count - sentCommands)
        for index in 0..<count {
            let bytes = queue.bytes(at: sentCommands + index)
            let skipped = index == 0 ? sentBytes : 0
            vectors[index] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + skipped),
                iov_len: bytes.count - skipped
            )
        }
        return count
    }

    private func written(_ count: Int) {
        guard handshake == nil else {
            greetingSent += count
            return
        }
        var left = count
        while left > 0 {
            let rest = queue.bytes(at: sentCommands).count - sentBytes
            guard left >= rest else {
                sentBytes += left
                return
            }
            left -= rest
            sentBytes = 0
            sentCommands += 1
        }
    }
}
