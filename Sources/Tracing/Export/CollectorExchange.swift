import CLinux
import EventLoop
import Glibc

/// One batch on its way to a collector, over a connection of its own: on the exporter's thread, which waits for it.
struct CollectorExchange {
    /// How an attempt ended.
    enum Result {
        case answered(CollectorReply.Verdict)
        /// In words for an operator.
        case failed(String)
    }

    /// What goes ahead of the batch.
    let request: CollectorRequest
    /// Monotonic nanoseconds at which it is given up.
    let deadline: () -> UInt64
    /// Becomes readable when ``deadline`` has changed.
    let interrupt: Int32

    /// Sends a batch, and reads what comes of it.
    func send(_ body: [UInt8], to addresses: CollectorAddresses) -> Result {
        let known: [CollectorAddresses.Address]
        switch addresses.look(request.url) {
        case .success(let found): known = found
        case .failure(let reason): return .failed("\(request.url.host) cannot be looked up: \(reason.text)")
        }
        var reason = ""
        for (index, address) in known.enumerated() {
            // One that swallows everything leaves the others their share of the time.
            let now = Clock.monotonic()
            let rest = max(deadline(), now) - now
            switch connect(address, until: now + rest / UInt64(known.count - index)) {
            case .success(let socket):
                defer { close(socket) }
                let result = exchange(socket, body)
                // Somebody else may have its address by now.
                if case .answered(.accepted) = result {} else { addresses.forget() }
                return result
            case .failure(let failure): reason = failure.text
            }
        }
        addresses.forget()
        return .failed("no connection to \(request.url.authority): \(reason)")
    }

    private func connect(
        _ address: CollectorAddresses.Address,
        until limit: UInt64
    ) -> Swift.Result<Int32, CollectorAddresses.Reason> {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(address.family, kind, 0)
        guard socket >= 0 else { return .failure(.last) }
        let status = address.withSocketAddress { Glibc.connect(socket, $0, $1) }
        if status == 0 { return .success(socket) }
        guard errno == EINPROGRESS else {
            defer { close(socket) }
            return .failure(.last)
        }
        guard wait(socket, POLLOUT, until: limit) != nil else {
            close(socket)
            return .failure(.init(text: "it took too long"))
        }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else {
            close(socket)
            return .failure(.init(text: String(cString: strerror(code))))
        }
        return .success(socket)
    }

    private func exchange(_ socket: Int32, _ body: [UInt8]) -> Result {
        let head = request.head(length: body.count)
        let length = head.count + body.count
        var sent = 0
        var reply = CollectorReply()
        var chunk = [UInt8](repeating: 0, count: 4096)
        var canSend = true
        while true {
            let isSending = canSend && sent < length
            guard let ready = wait(socket, isSending ? POLLIN | POLLOUT : POLLIN) else {
                return reply.end().map { .answered($0) } ?? .failed("it did not answer in time")
            }
            if ready & ~POLLOUT != 0 {
                let count = recv(socket, &chunk, chunk.count, 0)
                if count > 0 {
                    let verdict = chunk.withUnsafeBytes { reply.take(.init(rebasing: $0[..<count]), now: time(nil)) }
                    if let verdict { return .answered(verdict) }
                } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                    return reply.end().map { .answered($0) } ?? .failed("it hung up without an answer")
                }
            }
            if isSending, ready & POLLOUT != 0 {
                let count = sent < head.count ? send(head, sent, socket) : send(body, sent - head.count, socket)
                // Who refuses a batch may not read it to its end: what they say is there to be read.
                if count > 0 { sent += count } else if errno != EAGAIN && errno != EINTR { canSend = false }
            }
        }
    }

    private func send(_ bytes: [UInt8], _ start: Int, _ socket: Int32) -> Int {
        bytes.withUnsafeBytes {
            let rest = UnsafeRawBufferPointer(rebasing: $0[start...])
            return Glibc.send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Waits for a descriptor until the time is over.
    /// - Parameter limit: when it is over for what is waited for, if that is before ``deadline``.
    /// - Returns: what it is ready for; `nil` where the time is over.
    private func wait(_ descriptor: Int32, _ events: Int32, until limit: UInt64 = .max) -> Int32? {
        var isInterrupted = false
        while true {
            let (now, end) = (Clock.monotonic(), min(deadline(), limit))
            guard now < end else { return nil }
            // Once interrupted it stays readable.
            var descriptors = [
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
                pollfd(fd: isInterrupted ? -1 : interrupt, events: Int16(POLLIN), revents: 0),
            ]
            poll(&descriptors, 2, Int32(clamping: (end - now + 999_999) / 1_000_000))
            if descriptors[0].revents != 0 { return Int32(descriptors[0].revents) }
            if descriptors[1].revents != 0 { isInterrupted = true }
        }
    }
}
