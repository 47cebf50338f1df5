import Glibc

/// How answers leave.
extension Connection {
    func respond(head: RawSpan, body: RawSpan) {
        guard phase == .answering else { return }
        head.withUnsafeBytes { head in body.withUnsafeBytes { answer(head, $0, .requestComplete) } }
    }

    func end(_ status: Record.ProtocolStatus) {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        answer(nothing, nothing, status)
    }

    private func answer(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        _ status: Record.ProtocolStatus
    ) {
        hasEnded = keepsConnection && serverLoop.isStopping
        if hasEnded { Farewell.hold(descriptor, true) }
        AnswerRecords.withVectors(
            id: arrival.id,
            head: head,
            body: body,
            status: status,
            isFollowed: hasEnded && isOfNginx == true,
            frame: serverLoop.frame,
            send
        )
        finish()
    }

    /// Writes what the socket takes and keeps the rest.
    private func send(_ vectors: UnsafeMutableBufferPointer<iovec>, _ length: Int) {
        guard !peerIsGone else { return }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        var sent: Int
        wasLong = vectors.count > 1
        if !wasLong {
            sent = Glibc.send(descriptor, vectors[0].iov_base, length, flags)
        } else {
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = vectors.count
            sent = sendmsg(descriptor, &message, flags)
        }
        if sent == length { return }
        if sent < 0 {
            guard errno == EAGAIN || errno == EINTR else {
                peerIsGone = true
                return
            }
            sent = 0
        }
        serverLoop.memory.begin()
        for vector in vectors {
            let skipped = min(sent, vector.iov_len)
            sent -= skipped
            let bytes = UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)
            unsent.append(contentsOf: bytes.dropFirst(skipped))
        }
    }

    func sendRest() {
        let count = unsent.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        if count > 0 {
            unsent.removeFirst(count)
        } else if errno != EAGAIN && errno != EINTR {
            return close()
        }
        guard unsent.isEmpty else { return }
        park()
        resume()
    }

    private func finish() {
        guard !peerIsGone else { return close() }
        arrival.answered()
        guard unsent.isEmpty else {
            phase = .sending
            expectMore(by: serverLoop.loop.now + serverLoop.limits.answer)
            watchWriting()
            return
        }
        park()
    }

    private func watchWriting() {
        if isWatched {
            serverLoop.loop.rewatch(descriptor, for: .writable)
        } else {
            isWatched = serverLoop.watch(self, descriptor, for: .writable)
        }
    }
}
