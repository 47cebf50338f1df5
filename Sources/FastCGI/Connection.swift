import CLinux
import EventLoop
import Glibc

/// One connection of a web server, and the one request at a time that it carries.
///
/// Nothing here blocks. Between requests a connection is parked: it holds a descriptor in epoll, no thread and no
/// buffer, so any number of idle ones can be kept. A request that arrives as a whole is read from the worker's window;
/// of one that does not, the connection keeps what has come (``PartialRequest``).
final class Connection: EventSource, Responder {
    private enum State {
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

    private var state = State.idle
    /// Whether it stays with this loop.
    private var isSettled: Bool
    /// Without counting, since every request asks for it several times. The worker keeps its connections until they are
    /// closed or it ends; only it and its handler call them, and it lets go of that first.
    private unowned(unsafe) let worker: Worker
    private let descriptor: Int32
    private var id: UInt16 = 0
    private var keepsConnection = true
    /// Whether nginx keeps it; not known before the first request.
    private var isOfNginx: Bool?
    /// Whether the last answer was given after the server was told to stop, and ends the connection.
    private var hasEnded = false
    private var isMuted = false
    private var peerIsGone = false
    private var partial: PartialRequest?
    private var unsent: [UInt8] = []

    /// When a peer that does not go on is given up, monotonic; `nil` while nothing is awaited of it.
    private(set) var deadline: UInt64?

    init(descriptor: Int32, isSettled: Bool, worker: Worker) {
        self.descriptor = descriptor
        self.isSettled = isSettled
        self.worker = worker
    }

    override func ready(_ readiness: EventLoop.Readiness) {
        switch state {
        case .idle, .arriving: if readiness.contains(.readable) { receive() }
        case .answering: overhear()
        case .sending where readiness.contains(.writable): sendRest()
        case .sending: overhear()
        case .closed: break
        }
    }

    /// Whether it can be closed without breaking off a request.
    var isIdle: Bool { state == .idle }

    // MARK: Reading

    /// Takes what has arrived.
    func receive() {
        let window = worker.window
        let kept = partial?.moveUnread(to: window) ?? 0
        let count = recv(descriptor, window.baseAddress! + kept, window.count - kept, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count == 0 || (errno != EAGAIN && errno != EINTR) { close() }
            return
        }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: window[..<(kept + count)])
        if let partial { goOn(partial, bytes) } else { begin(bytes) }
    }

    /// Reads a request where it lies, if all of it is here.
    private func begin(_ bytes: UnsafeMutableRawBufferPointer) {
        var reader = RecordReader()
        var at = 0
        var params = 0..<0
        var body = 0..<0
        /// Closes up a stream's content where it came in several records.
        func extend(_ stream: inout Range<Int>, _ range: Range<Int>) {
            guard !stream.isEmpty else {
                stream = range
                return
            }
            memmove(bytes.baseAddress! + stream.upperBound, bytes.baseAddress! + range.lowerBound, range.count)
            stream = stream.lowerBound..<(stream.upperBound + range.count)
        }
        while true {
            switch reader.next(UnsafeRawBufferPointer(bytes), &at) {
            case .params(let range): extend(&params, range)
            case .body(let range): extend(&body, range)
            case .end:
                return handle(
                    reader,
                    params: UnsafeRawBufferPointer(rebasing: bytes[params]),
                    body: UnsafeRawBufferPointer(rebasing: bytes[body]),
                    length: body.count,
                    arrivedAt: worker.loop.now,
                    isLast: at == bytes.count
                )
            case .more:
                let partial = PartialRequest(
                    reader,
                    arrivedAt: worker.loop.now,
                    longestBody: worker.limits.longestBody
                )
                partial.params.append(contentsOf: bytes[params])
                appendBody(UnsafeRawBufferPointer(rebasing: bytes[body]), to: partial)
                partial.unread.append(contentsOf: bytes[at...])
                self.partial = partial
                state = .arriving
                return awaitMore(partial)
            case .refused(let reason): return refuse(reason)
            }
        }
    }

    private func goOn(_ partial: PartialRequest, _ bytes: UnsafeMutableRawBufferPointer) {
        var at = 0
        while true {
            switch partial.reader.next(UnsafeRawBufferPointer(bytes), &at) {
            case .params(let range): partial.params.append(contentsOf: bytes[range])
            case .body(let range):
                appendBody(UnsafeRawBufferPointer(rebasing: bytes[range]), to: partial)
                // Its end is not worth waiting for.
                guard partial.length <= worker.limits.longestDrain else { return close() }
            case .end:
                self.partial = nil
                let isLast = at == bytes.count
                return partial.params.withUnsafeBytes { params in
                    partial.body.withUnsafeBytes { body in
                        handle(
                            partial.reader,
                            params: params,
                            body: body,
                            length: partial.length,
                            arrivedAt: partial.arrivedAt,
                            isLast: isLast
                        )
                    }
                }
            case .more:
                partial.unread.append(contentsOf: bytes[at...])
                return awaitMore(partial)
            case .refused(let reason): return refuse(reason)
            }
        }
    }

    private func appendBody(_ content: UnsafeRawBufferPointer, to partial: PartialRequest) {
        guard !content.isEmpty else { return }
        // The parameters are all there, and tell how much is to come.
        if partial.length == 0 {
            partial.reserve(partial.params.withUnsafeBytes { worker.paramsReader.read($0)?.contentLength })
        }
        partial.append(content)
    }

    private func awaitMore(_ partial: PartialRequest) {
        let limits = worker.limits
        expectMore(by: min(partial.arrivedAt + limits.arrival, worker.loop.now + limits.stall))
    }

    private func expectMore(by time: UInt64) {
        deadline = time
        worker.awaits(self, until: time)
    }

    private func refuse(_ reason: RecordReader.Reason) {
        if reason != .aborted { worker.refused(reason) }
        close()
    }

    /// Hands a request over. Its body never reaches libfcgi, which would take what is left of one for the next request.
    private func handle(
        _ reader: RecordReader,
        params: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer,
        length: Int,
        arrivedAt: UInt64,
        isLast: Bool
    ) {
        state = .answering
        deadline = nil
        id = reader.id
        keepsConnection = reader.keepsConnection
        if !isLast {
            worker.refused(.notAwaited)
            keepsConnection = false
        }
        guard reader.role == Record.responderRole else { return end(.unknownRole) }
        if keepsConnection, isOfNginx == nil { isOfNginx = Farewell.isNginx(params) }
        guard let params = worker.paramsReader.read(params) else { return refuse(.malformedParams) }
        let request = Request(
            params: params,
            body: body,
            length: length,
            announced: params.contentLength,
            longest: worker.limits.longestBody,
            arrivedAt: arrivedAt
        )
        worker.handler?.handle(request, self)
    }

    // MARK: Answering

    func respond(head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) {
        guard state == .answering else { return }
        answer(head, body, .requestComplete)
    }

    private func end(_ status: Record.ProtocolStatus) {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        answer(nothing, nothing, status)
    }

    private func answer(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        _ status: Record.ProtocolStatus
    ) {
        hasEnded = keepsConnection && worker.isStopping
        if hasEnded { Farewell.hold(descriptor, true) }
        AnswerRecords.withVectors(
            id: id,
            head: head,
            body: body,
            status: status,
            isFollowed: hasEnded && isOfNginx == true,
            frame: worker.frame,
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
        if unsent.isEmpty { park() }
    }

    private func finish() {
        guard !peerIsGone else { return close() }
        guard unsent.isEmpty else {
            state = .sending
            expectMore(by: worker.loop.now + worker.limits.answer)
            worker.loop.rewatch(descriptor, for: .writable, source: self)
            return
        }
        park()
    }

    private func park() {
        guard keepsConnection else { return close() }
        guard !hasEnded else { return leave() }
        // Not sooner: a connection that carries one request would only be held up.
        if !isSettled {
            isSettled = true
            if worker.handOver(self, descriptor) {
                state = .closed
                return
            }
        }
        becomeIdle()
    }

    private func becomeIdle() {
        if state == .sending {
            unsent = []
            deadline = nil
        }
        if state == .sending || isMuted { worker.loop.rewatch(descriptor, for: .readable, source: self) }
        state = .idle
        isMuted = false
    }

    /// Ends a connection that its web server keeps, unless the next request is there already: then with its answer.
    func leave() {
        if !Farewell.hasInput(descriptor) { Farewell.refuseInput(descriptor) }
        // It may have come just before that. It is read when the loop next looks, and not under whoever has just answered.
        guard Farewell.hasInput(descriptor) else { return close() }
        Farewell.hold(descriptor, false)
        becomeIdle()
    }

    /// Something happens on the connection before its request is answered: the peer hangs up, or sends more than it
    /// should. The request goes on either way: a save that was begun is worth finishing.
    private func overhear() {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR {
            peerIsGone = true
            worker.loop.unwatch(descriptor, source: self)
            if state == .sending { close() }
        } else if !isMuted, state == .answering {
            isMuted = true
            worker.loop.rewatch(descriptor, for: [], source: self)
        }
    }

    /// Closes the connection whatever it is doing. What was sent still reaches the peer.
    func close() {
        guard state != .closed else { return }
        // Closing it is not enough: another process may have the socket too, one that this one has just forked, and epoll
        // would go on reporting it to what is not there any more.
        worker.loop.unwatch(descriptor, source: self)
        _ = Glibc.close(descriptor)
        state = .closed
        partial = nil
        deadline = nil
        worker.closed(self)
    }
}
