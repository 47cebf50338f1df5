import Glibc

/// What arrives: requests, and what web servers say beside them.
extension Connection {
    /// Takes what has arrived.
    func receive() {
        let window = serverLoop.window
        let kept = partial?.moveUnread(to: window) ?? 0
        let count = recv(descriptor, window.baseAddress! + kept, window.count - kept, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR {
                partial?.unread.append(contentsOf: window[..<kept])
                return
            }
            if count < 0 { peerIsGone = true }
            return endInput()
        }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: window[..<(kept + count)])
        if let partial { return goOn(partial, UnsafeRawBufferPointer(bytes)) }
        guard phase == .answering else { return begin(bytes) }
        goOn(makePartial(RecordReader(answering: id)), UnsafeRawBufferPointer(bytes))
    }

    /// Reads on where the peer had to wait for an answer to be taken.
    func resume() {
        guard phase == .idle, let partial else { return }
        let kept = partial.moveUnread(to: serverLoop.window)
        goOn(partial, UnsafeRawBufferPointer(rebasing: serverLoop.window[..<kept]))
    }

    /// Nothing more comes. Who asked before still gets the answer: a peer may have finished writing only, and a save that
    /// was begun is worth finishing.
    private func endInput() {
        guard phase == .answering else { return close() }
        stopReading()
    }

    /// Leaves alone whatever comes, until the request is answered and the connection closed. It is not only watched for
    /// less: a hang-up would be told all the same, again and again.
    private func stopReading() {
        keepsConnection = false
        partial = nil
        isWatched = false
        serverLoop.loop.unwatch(descriptor)
    }

    // MARK: Requests

    /// Reads a request where it lies, if all of it is here and nothing else.
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
            let piece = reader.next(UnsafeRawBufferPointer(bytes), &at)
            switch piece {
            case .params(let range): extend(&params, range)
            case .body(let range): extend(&body, range)
            case .end where at == bytes.count:
                return handle(
                    reader,
                    params: UnsafeRawBufferPointer(rebasing: bytes[params]),
                    body: UnsafeRawBufferPointer(rebasing: bytes[body]),
                    length: body.count,
                    arrivedAt: serverLoop.loop.now
                )
            default:
                let partial = makePartial(reader)
                partial.append(params: UnsafeRawBufferPointer(rebasing: bytes[params]))
                appendBody(UnsafeRawBufferPointer(rebasing: bytes[body]), to: partial)
                return goOn(partial, UnsafeRawBufferPointer(bytes), from: at, piece)
            }
        }
    }

    private func makePartial(_ reader: RecordReader) -> PartialRequest {
        serverLoop.memory.begin()
        let new = PartialRequest(reader, arrivedAt: serverLoop.loop.now, longestBody: serverLoop.limits.longestBody)
        partial = new
        return new
    }

    /// Reads from `start` on, where `first` has been found, what is not just one whole request.
    private func goOn(
        _ partial: PartialRequest,
        _ bytes: UnsafeRawBufferPointer,
        from start: Int = 0,
        _ first: RecordReader.Piece? = nil
    ) {
        var at = start
        var piece = first ?? partial.reader.next(bytes, &at)
        while true {
            switch piece {
            case .params(let range): partial.append(params: UnsafeRawBufferPointer(rebasing: bytes[range]))
            case .body(let range):
                appendBody(UnsafeRawBufferPointer(rebasing: bytes[range]), to: partial)
                // Its end is not worth waiting for.
                guard partial.content.length <= serverLoop.limits.longestDrain else { return close() }
            case .end: handle(partial)
            case .notice(let notice): heed(notice, bytes)
            case .more:
                partial.unread.append(contentsOf: bytes[at...])
                return settle(partial)
            case .refused(let reason): return refuse(reason)
            }
            switch phase {
            case .closed: return
            // What follows has to wait.
            case .sending: return partial.unread.append(contentsOf: bytes[at...])
            case .answering where !isWatched: return
            default: piece = partial.reader.next(bytes, &at)
            }
        }
    }

    private func appendBody(_ content: UnsafeRawBufferPointer, to partial: PartialRequest) {
        guard !content.isEmpty else { return }
        // The parameters are all there, and tell how much is to come.
        if partial.content.length == 0 {
            let params = partial.content.params
            partial.content.announced = params.withUnsafeBytes { serverLoop.paramsReader.read($0)?.contentLength.bytes }
        }
        partial.append(body: content)
    }

    /// Keeps what has come until more does.
    private func settle(_ partial: PartialRequest) {
        if partial.isAtRest {
            self.partial = nil
            guard phase != .answering else { return }
            phase = .idle
            deadline = nil
        } else if phase != .answering {
            phase = .arriving
            let limits = serverLoop.limits
            expectMore(by: min(partial.content.arrivedAt + limits.arrival, serverLoop.loop.now + limits.stall))
        }
    }

    private func handle(_ partial: PartialRequest) {
        let content = partial.takeContent(now: serverLoop.loop.now)
        content.params.withUnsafeBytes { params in
            content.body.withUnsafeBytes { body in
                handle(
                    partial.reader,
                    params: params,
                    body: body,
                    length: content.length,
                    arrivedAt: content.arrivedAt
                )
            }
        }
    }

    private func refuse(_ reason: RecordReader.Reason) {
        serverLoop.refused(reason)
        if phase == .answering { stopReading() } else { close() }
    }

    // MARK: Beside requests

    private func heed(_ notice: RecordReader.Notice, _ bytes: UnsafeRawBufferPointer) {
        switch notice {
        case .otherRole: endEarly(.unknownRole)
        // A save that was begun goes on, and ends with its answer.
        case .aborted where phase == .answering: break
        case .aborted: endEarly(.requestComplete)
        case .anotherRequest(let id): reply(ManagementRecords.end(id, .cannotMultiplex))
        case .values(let range):
            let content = UnsafeRawBufferPointer(rebasing: bytes[range])
            reply(ManagementRecords.values(content, capacity: serverLoop.capacity))
        case .unknownType(let kind): reply(ManagementRecords.unknownType(kind))
        }
    }

    /// Ends a request that no handler has seen.
    private func endEarly(_ status: Record.ProtocolStatus) {
        guard let partial else { return }
        _ = partial.takeContent(now: serverLoop.loop.now)
        id = partial.reader.id
        keepsConnection = partial.reader.keepsConnection
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
