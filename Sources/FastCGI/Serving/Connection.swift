import EventLoop
import Glibc

/// One connection of a web server, and the one request at a time that it carries.
///
/// Nothing here blocks. Between requests a connection is parked: it holds a descriptor in epoll, no thread and no
/// buffer, so any number of idle ones can be kept. A request that arrives as a whole is read from the loop's window;
/// of one that does not, the connection keeps what has come (``PartialRequest``).
final class Connection: EventSource, Responder {
    enum Phase {
        /// Parked until a request arrives.
        case idle
        /// A part of a request is here.
        case arriving
        /// The handler has it.
        case answering
        /// Parked, with a part of the answer still to be taken by the peer.
        case sending
        case closed
    }

    var phase = Phase.idle
    /// Whether it stays with this loop.
    private var isSettled: Bool
    /// It keeps its connections, too, until they are closed or it ends.
    let serverLoop: ServerLoop
    let descriptor: Int32
    /// Of the request that is being answered, or was last.
    var id: UInt16 = 0
    var keepsConnection = true
    /// Whether nginx keeps it; not known before the first request.
    private var isOfNginx: Bool?
    /// Whether the last answer was given after the server was told to stop, and ends the connection.
    private var hasEnded = false
    /// Whether the loop tells what happens on it. It does not where nothing more is read, and the answer is not there yet.
    var isWatched = true
    var peerIsGone = false
    var partial: PartialRequest?
    private var unsent: [UInt8] = []
    /// Bytes of a body that do not matter to memory.
    private static let longestSmallBody = 16 << 10

    /// When a peer that does not go on is given up, monotonic; `nil` while nothing is awaited of it.
    var deadline: UInt64?

    init(descriptor: Int32, isSettled: Bool, serverLoop: ServerLoop) {
        self.descriptor = descriptor
        self.isSettled = isSettled
        self.serverLoop = serverLoop
    }

    func ready(_ readiness: Loop.Readiness) {
        switch phase {
        case .idle, .arriving, .answering: if readiness.contains(.readable) { receive() }
        case .sending: sendRest()
        case .closed: break
        }
    }

    /// Whether it can be closed without breaking off a request.
    var isIdle: Bool { phase == .idle }

    func expectMore(by time: UInt64) {
        deadline = time
        serverLoop.awaits(self, until: time)
    }

    // MARK: Handling

    /// Hands a request over. Its body never reaches libfcgi, which would take what is left of one for the next request.
    func handle(
        _ reader: RecordReader,
        params: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer,
        length: Int,
        arrivedAt: UInt64
    ) {
        phase = .answering
        deadline = nil
        id = reader.id
        keepsConnection = reader.keepsConnection
        if keepsConnection, isOfNginx == nil { isOfNginx = Farewell.isNginx(params) }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let paramsReader = serverLoop.paramsReader
        var paramsStatus = reader.hasTooManyParams ? ParamsStatus.tooMany : .complete
        var known = paramsReader.read(reader.hasTooManyParams ? nothing : params)
        if known == nil, paramsReader.hasFoundNUL {
            // A client's doing, and not the web server's: it gets an answer.
            paramsStatus = .holdNUL
            known = paramsReader.read(nothing)
        }
        guard let known else {
            serverLoop.refused(.malformedParams)
            return close()
        }
        let request = Request(
            params: known,
            paramsStatus: paramsStatus,
            body: body,
            length: length,
            announced: known.contentLength,
            longest: serverLoop.limits.longestBody,
            arrivedAt: arrivedAt
        )
        // It may lie with Redis for a while.
        if length > Self.longestSmallBody { serverLoop.memory.begin() }
        serverLoop.handler?.handle(request, self)
    }

    // MARK: Answering

    func respond(head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) {
        guard phase == .answering else { return }
        answer(head, body, .requestComplete)
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
            id: id,
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
        if vectors.count == 1 {
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

    private func sendRest() {
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
        partial?.reader.answered()
        guard unsent.isEmpty else {
            phase = .sending
            expectMore(by: serverLoop.loop.now + serverLoop.limits.answer)
            watchWriting()
            return
        }
        park()
    }

    private func park() {
        guard keepsConnection else { return close() }
        guard !hasEnded else { return leave() }
        // Not sooner: a connection that carries one request would only be held up.
        if !isSettled, partial == nil {
            isSettled = true
            if serverLoop.handOver(self, descriptor) {
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
    }

    /// Ends a connection that its web server keeps, unless the next request is there already: then with its answer.
    func leave() {
        if !Farewell.hasInput(descriptor) { Farewell.refuseInput(descriptor) }
        // It may have come just before that. It is read when the loop next looks, and not under whoever has just answered.
        guard Farewell.hasInput(descriptor) else { return close() }
        Farewell.hold(descriptor, false)
        becomeIdle()
    }

    private func watchWriting() {
        if isWatched {
            serverLoop.loop.rewatch(descriptor, for: .writable)
        } else {
            isWatched = serverLoop.watch(self, descriptor, for: .writable)
        }
    }

    /// Closes the connection whatever it is doing. What was sent still reaches the peer.
    func close() {
        guard phase != .closed else { return }
        serverLoop.loop.unwatch(descriptor)
        _ = Glibc.close(descriptor)
        phase = .closed
        partial = nil
        deadline = nil
        serverLoop.closed(self)
    }
}
