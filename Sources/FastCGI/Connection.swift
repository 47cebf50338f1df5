import CFastCGI
import CLinux
import EventLoop
import Glibc

/// One connection of a web server, and the one request at a time that it carries.
///
/// Between requests it is parked: it holds a descriptor in epoll and no thread, so any number of idle connections can
/// be kept. libfcgi reads the request, which it is only asked to once enough of it has arrived (``Arrival``); the
/// answer is written here, in as few and as large records as it takes.
public final class Connection: EventSource {
    private enum State {
        /// Parked until a request arrives.
        case idle
        /// A slow reader has it.
        case arriving
        /// The handler has it.
        case answering
        /// Parked, with a part of the answer still to be taken by the peer.
        case sending
        case closed
    }

    private var state = State.idle
    /// On the heap, since libfcgi's streams keep its address.
    private let request: UnsafeMutablePointer<FCGX_Request>
    private let worker: Worker
    private let descriptor: Int32
    private var keepsConnection = true
    private var isMuted = false
    private var peerIsGone = false
    private var unsent: [UInt8] = []
    /// A body that a slow reader read; bodies read at once lie in the worker's buffer.
    private var ownBody: [UInt8] = []

    /// The request's parameters.
    public var params: Params { Params(request.pointee.envp) }
    /// The body's bytes; empty where ``bodyStatus`` says that it was thrown away.
    public private(set) var body = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Whether the body is all that it should be.
    public private(set) var bodyStatus = BodyStatus.complete
    /// Monotonic nanoseconds at which the request was noticed.
    public private(set) var arrivedAt: UInt64 = 0

    /// When an unread answer is given up, monotonic; `nil` while there is none.
    var answerDeadline: UInt64?

    init(descriptor: Int32, worker: Worker) {
        self.descriptor = descriptor
        self.worker = worker
        request = .allocate(capacity: 1)
        FCGX_InitRequest(request, -1, 0)
        request.pointee.ipcFd = descriptor
        var stall = timeval(nanoseconds: worker.limits.stall)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &stall, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { request.deallocate() }

    override public func ready(_ readiness: EventLoop.Readiness) {
        switch state {
        case .idle where readiness.contains(.readable): receive()
        case .answering: overhear()
        case .sending where readiness.contains(.writable): sendRest()
        case .sending: overhear()
        default: break
        }
    }

    /// Looks at what has arrived, and reads the request if that does not block.
    func receive() {
        let window = worker.window
        let count = recv(descriptor, window.baseAddress, window.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        guard count > 0 else {
            if count == 0 || (errno != EAGAIN && errno != EINTR) { close() }
            return
        }
        arrivedAt = Clock.monotonic()
        switch Arrival.judge(UnsafeRawBufferPointer(rebasing: window[..<count])) {
        case .whole:
            guard read(into: &worker.scratch, until: arrivedAt + worker.limits.arrival) else { return close() }
            worker.scratch.withUnsafeBytes { handle(body: $0) }
        case .head, .partial:
            state = .arriving
            worker.loop.unwatch(descriptor, source: self)
            worker.readSlowly(self)
        case .refused(let reason):
            worker.refused(reason)
            close()
        }
    }

    // MARK: On a slow reader's thread

    /// Waits for the rest of the request and reads it. The worker does not touch the connection meanwhile.
    /// - Returns: whether there is a request to handle.
    func readSlowly(window: UnsafeMutableRawBufferPointer) -> Bool {
        let deadline = arrivedAt + worker.limits.arrival
        guard awaitParams(window, until: min(deadline, Clock.monotonic() + worker.limits.stall)) else { return false }
        return read(into: &ownBody, until: deadline)
    }

    /// Waits until all parameters are in the receive buffer, so that they are judged before libfcgi sees them.
    private func awaitParams(_ window: UnsafeMutableRawBufferPointer, until deadline: UInt64) -> Bool {
        var pause: UInt32 = 500
        while Clock.monotonic() < deadline {
            let flags = Int32(MSG_PEEK | MSG_DONTWAIT)
            let count = recv(descriptor, window.baseAddress, window.count, flags)
            guard count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR)) else { return false }
            switch Arrival.judge(UnsafeRawBufferPointer(rebasing: window[..<max(0, count)])) {
            case .whole, .head: return true
            case .refused: return false
            // Parameters that fill the window will never be there as a whole.
            case .partial where count == window.count: return false
            case .partial: break
            }
            // A peek leaves the bytes where they are, so poll would report them at once: look again a little later.
            usleep(pause)
            pause = min(pause * 2, 50_000)
        }
        return false
    }

    // MARK: Reading

    /// Has libfcgi read the request, with its body to the very end.
    ///
    /// What of a body is left in the connection would be read as the next request, whoever wrote it: with a user of
    /// the attacker's choice. So every request is drained, whatever the answer will be, or its connection closed.
    /// - Returns: false if the connection is of no further use.
    private func read(into buffer: inout [UInt8], until deadline: UInt64) -> Bool {
        buffer.removeAll(keepingCapacity: true)
        request.pointee.keepConnection = 1
        // Where libfcgi closes the descriptor by itself, it does not linger for bytes of a peer.
        request.pointee.detached = 1
        guard FCGX_Accept_r(request) == 0, let input = request.pointee.in else { return false }
        keepsConnection = request.pointee.keepConnection != 0
        let announced = params["CONTENT_LENGTH"].flatMap(Self.number)
        let limit = worker.limits.longestBody
        if let announced, announced <= limit { buffer.reserveCapacity(announced) }
        var length = 0
        while true {
            let available = input.pointee.rdNext.distance(to: input.pointee.stop)
            if available > 0 {
                if length + available <= limit {
                    buffer.append(contentsOf: UnsafeRawBufferPointer(start: input.pointee.rdNext, count: available))
                }
                length += available
                input.pointee.rdNext = input.pointee.stop
            }
            // One refill, which blocks no longer than the stall limit.
            let byte = FCGX_GetChar(input)
            guard byte >= 0 else { break }
            FCGX_UnGetChar(byte, input)
            guard length <= worker.limits.longestDrain, Clock.monotonic() < deadline else { return false }
        }
        guard FCGX_GetError(input) == 0 else { return false }
        if length > limit {
            buffer.removeAll()
            bodyStatus = .tooLong(length: max(length, announced ?? 0))
        } else if let announced, announced != length {
            bodyStatus = .unexpectedLength(announced: announced)
        } else {
            bodyStatus = .complete
        }
        return true
    }

    /// Digits only, as CGI has it; `nil` for anything else, also where it is empty.
    private static func number(_ digits: UnsafeRawBufferPointer) -> Int? {
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    /// Takes the connection back from a slow reader.
    func arrived(_ isComplete: Bool) {
        guard isComplete else { return close() }
        guard worker.watch(self, descriptor) else { return close() }
        ownBody.withUnsafeBytes { handle(body: $0) }
        ownBody = []
    }

    private func handle(body: UnsafeRawBufferPointer) {
        state = .answering
        guard request.pointee.role == Record.responderRole else { return end(.unknownRole) }
        self.body = body
        worker.handler?.handle(self)
        self.body = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    // MARK: Answering

    /// Answers the request, once.
    ///
    /// Nothing is kept of the bytes after the call returns. An answer to a peer that has hung up is dropped.
    /// - Parameters:
    ///   - head: CGI header lines, `Status` first, up to and with the empty line; at most 64 KiB.
    ///   - body: what follows; may be empty.
    ///
    /// Source of the head's form: RFC 3875, section 6.
    public func respond(head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer) {
        guard state == .answering else { return }
        let id = UInt16(truncatingIfNeeded: request.pointee.requestId)
        AnswerRecords.withVectors(id: id, head: head, body: body, status: .requestComplete, send)
        finish()
    }

    private func end(_ status: Record.ProtocolStatus) {
        let id = UInt16(truncatingIfNeeded: request.pointee.requestId)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        AnswerRecords.withVectors(id: id, head: nothing, body: nothing, status: status, send)
        finish()
    }

    /// Writes what the socket takes and keeps the rest.
    private func send(_ vectors: UnsafeMutableBufferPointer<iovec>) {
        guard !peerIsGone else { return }
        var message = msghdr()
        message.msg_iov = vectors.baseAddress
        message.msg_iovlen = vectors.count
        var sent = sendmsg(descriptor, &message, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
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

    /// Frees what libfcgi holds of the request, without its own way to end one, which would write and linger.
    private func finish() {
        FCGX_Free(request, 0)
        guard !peerIsGone else { return close() }
        guard unsent.isEmpty else {
            state = .sending
            answerDeadline = Clock.monotonic() + worker.limits.answer
            worker.awaitsReader(self)
            worker.loop.rewatch(descriptor, for: .writable, source: self)
            return
        }
        park()
    }

    private func park() {
        guard keepsConnection, !worker.isDraining else { return close() }
        if state == .sending || isMuted { worker.loop.rewatch(descriptor, for: .readable, source: self) }
        state = .idle
        isMuted = false
        answerDeadline = nil
        unsent = []
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

    /// Closes the connection whatever it is doing. Its input has been read, so the peer still gets what was sent.
    func close() {
        guard state != .closed else { return }
        worker.loop.forget(self)
        FCGX_Free(request, 0)
        // libfcgi sets it to -1 where it has closed it already.
        if request.pointee.ipcFd >= 0 { _ = Glibc.close(descriptor) }
        state = .closed
        worker.closed(self)
    }

    /// Whether it can be closed without breaking off a request.
    var isIdle: Bool { state == .idle }
}

extension timeval {
    fileprivate init(nanoseconds: UInt64) {
        self.init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds % 1_000_000_000 / 1000))
    }
}
