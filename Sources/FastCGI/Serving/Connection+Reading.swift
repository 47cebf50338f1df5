import Glibc

/// What arrives: requests, and what web servers say beside them.
extension Connection {
    /// Takes what has arrived.
    func receive() {
        let window = serverLoop.window
        let kept = arrival.open(window, now: serverLoop.loop.now)
        let count = recv(descriptor, window.baseAddress! + kept, window.count - kept, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return arrival.close(window, limits: serverLoop.limits) }
            if count < 0 { peerIsGone = true }
            return endInput()
        }
        arrival.add(count)
        read()
    }

    /// Reads on where the peer had to wait for an answer to be taken.
    func resume() {
        guard phase == .idle, !arrival.isAtRest else { return }
        _ = arrival.open(serverLoop.window, now: serverLoop.loop.now)
        read()
    }

    /// Reads what lies in the window.
    private func read() {
        let window = serverLoop.window
        while let event = arrival.next(window, limits: serverLoop.limits) {
            switch event {
            case .request, .endlessRequest: handle(arrival.takeRequest())
            case .notice(let notice): heed(notice)
            case .refused(let reason): return refuse(reason)
            }
            switch phase {
            case .lingering, .closed: return
            // What follows has to wait.
            case .sending: return arrival.close(window, limits: serverLoop.limits)
            case .answering where !isWatched: return
            case .idle, .arriving, .answering: break
            }
        }
        settle()
    }

    /// Waits for what comes next.
    private func settle() {
        if !arrival.isAtRest { serverLoop.memory.begin() }
        guard phase != .answering else { return }
        guard !arrival.isAtRest else {
            phase = .idle
            deadline = nil
            return
        }
        phase = .arriving
        let limits = serverLoop.limits
        expectMore(by: min(arrival.arrivedAt + limits.arrival, serverLoop.loop.now + limits.stall))
    }

    /// Nothing more comes. Who asked before still gets the answer: a peer may have finished writing only, and a save that
    /// was begun is worth finishing.
    private func endInput() {
        guard phase == .answering else {
            tellBrokenOff()
            return close()
        }
        stopReading()
    }

    /// Leaves alone whatever comes, until the request is answered and the connection closed. It is not only watched for
    /// less: a hang-up would be told all the same, again and again.
    private func stopReading() {
        keepsConnection = false
        isWatched = false
        serverLoop.loop.unwatch(descriptor)
    }

    private func refuse(_ reason: RecordReader.Reason) {
        serverLoop.refused(reason)
        if phase == .answering { stopReading() } else { close() }
    }

    // MARK: Requests

    /// Hands a request over. Its body never reaches libfcgi, which would take what is left of one for the next request.
    private func handle(_ request: Arrival.Whole) {
        phase = .answering
        deadline = nil
        keepsConnection = request.keepsConnection
        // It may lie with Redis for a while.
        serverLoop.memory.begin(taking: request.length + Self.requestSize)
        hand(request, isWhole: true)
    }

    /// Hands over what has come of a request whose rest does not come any more, so that it leaves a trace.
    @inline(never)
    func tellBrokenOff() {
        guard phase != .answering, let request = arrival.takeBrokenOff() else { return }
        hand(request, isWhole: false)
    }

    @inline(__always)
    private func hand(_ request: Arrival.Whole, isWhole: Bool) {
        request.withContent(in: serverLoop.window) { params, body in
            if keepsConnection, isOfNginx == nil { isOfNginx = Farewell.isNginx(params) }
            guard let read = read(params, of: request) else {
                guard isWhole else { return }
                serverLoop.refused(.malformedParams)
                return close()
            }
            let given = Request(
                params: read,
                paramsStatus: status(of: request),
                body: RawSpan(_unsafeBytes: body),
                length: request.length,
                announced: read.contentLength,
                longest: serverLoop.limits.longestBody,
                arrivedAt: request.arrivedAt,
                isWhole: isWhole
            )
            serverLoop.handler?.handle(given, isWhole ? self : Nobody.there)
        }
    }

    /// The parameters that the handler looks at; `nil` where a web server sent what is no list of pairs.
    @_lifetime(borrow self)
    private func read(_ content: UnsafeRawBufferPointer, of request: Arrival.Whole) -> Params? {
        let reader = serverLoop.paramsReader
        let isToBeRead = !request.hasTooManyParams
        if isToBeRead, let params = reader.read(content) { return _overrideLifetime(params, borrowing: self) }
        // Too many of them, or a NUL among them, is a client's doing, and not the web server's: it gets an answer.
        guard !isToBeRead || reader.hasFoundNUL else { return nil }
        guard let none = reader.readNothing() else { return nil }
        return _overrideLifetime(none, borrowing: self)
    }

    private func status(of request: Arrival.Whole) -> ParamsStatus {
        guard !request.hasTooManyParams else { return .tooMany }
        return serverLoop.paramsReader.hasFoundNUL ? .holdNUL : .complete
    }

    // MARK: Beside requests

    private func heed(_ notice: RecordReader.Notice) {
        switch notice {
        case .otherRole: endEarly(.unknownRole)
        // A save that was begun goes on, and ends with its answer.
        case .aborted where phase == .answering: break
        case .aborted:
            tellBrokenOff()
            endEarly(.requestComplete)
        case .anotherRequest(let id): reply(ManagementRecords.end(id, .cannotMultiplex))
        case .values(let range):
            let content = UnsafeRawBufferPointer(rebasing: serverLoop.window[range])
            reply(ManagementRecords.values(content, capacity: serverLoop.capacity))
        case .unknownType(let kind): reply(ManagementRecords.unknownType(kind))
        }
    }

    /// Ends a request that no handler has seen.
    private func endEarly(_ status: Record.ProtocolStatus) {
        keepsConnection = arrival.keepsConnection
        end(status)
    }

    /// Says something that is no answer to a request. Who leaves so little unread is of no use.
    private func reply(_ record: [UInt8]) {
        let count = record.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        guard count != record.count else { return }
        peerIsGone = true
        endInput()
    }
}
