/// How requests arrive on a connection: fed with its bytes in whatever pieces, it tells what they come to. It knows no
/// socket, and decides nothing but what is a request.
///
/// The bytes lie in a window of its owner's. A request of which all is there is left where it lies; of one that has to
/// wait for more, what has come is kept.
struct Arrival: ~Copyable {
    /// What bytes come to.
    enum Event: Equatable {
        /// A whole request, to be had from ``takeRequest()``. Until ``answered()`` it is the active one.
        case request
        /// Something that wants an answer of its own, or ends the request. What has come of one that is aborted can be had from
        /// ``takeBrokenOff()``. The place of
        /// ``RecordReader/Notice/values(_:)`` is one in the window.
        case notice(RecordReader.Notice)
        /// What no web server sends: the connection is of no further use.
        case refused(RecordReader.Reason)
        /// So much of a request that its end is not worth waiting for. It can be had like a whole one; what follows of it is
        /// passed over.
        case endlessRequest
    }

    private var reader = RecordReader()
    /// Where the request's streams lie in the window, where nothing of it is kept.
    private var params = 0..<0
    private var body = 0..<0
    /// What is kept of the request, once something is.
    private var kept: Kept?
    /// Bytes of the body that have come, kept or not.
    private var length = 0
    /// Monotonic nanoseconds at which the first bytes of what has begun were noticed.
    private(set) var arrivedAt: UInt64 = 0
    /// What is to be read again together with what follows: the beginning of a record, or all that came where it has to
    /// wait.
    private var unread: [UInt8] = []
    /// Where reading is in the window, and where its bytes end.
    private var at = 0
    private var end = 0
    private var openedAt: UInt64 = 0

    /// The streams of a request that has not come at once.
    fileprivate final class Kept {
        var params: [UInt8] = []
        var body: [UInt8] = []
        /// How long the body should become.
        var announced: Int?
    }

    /// Of a connection on which nothing has come.
    init() {}

    /// Whether nothing has begun, neither a request nor a record, and nothing waits to be read.
    var isAtRest: Bool { at == end && unread.isEmpty && reader.isAtRest }

    /// The id of the active request, or of the one that was told of last.
    var id: UInt16 { reader.id }

    /// Whether that one has the connection kept.
    var keepsConnection: Bool { reader.keepsConnection }

    /// Whether that one was over before its end came, so that its peer may still be writing.
    var isCutShort: Bool { reader.isCutShort }

    // MARK: The window

    /// Takes the window into use, and lays out at its start what has to be read again.
    /// - Parameter now: monotonic nanoseconds.
    /// - Returns: how many bytes that is. What has arrived goes behind them.
    mutating func open(_ window: UnsafeMutableRawBufferPointer, now: UInt64) -> Int {
        openedAt = now
        if isAtRest { arrivedAt = now }
        at = 0
        end = unread.count
        if end > 0 {
            window.copyBytes(from: unread)
            unread = []
        }
        return end
    }

    /// So many bytes were put behind what is in the window.
    mutating func add(_ count: Int) { end += count }

    /// Keeps all that has not been told of, so that the window can be used for something else.
    mutating func close(_ window: UnsafeMutableRawBufferPointer, limits: Limits) {
        if at < end { unread.append(contentsOf: window[at..<end]) }
        end = at
        guard kept == nil, !params.isEmpty || length > 0 else { return }
        let lying = (params: UnsafeRawBufferPointer(rebasing: window[params]), body: window[body])
        let kept = Kept()
        self.kept = kept
        kept.params.append(contentsOf: lying.params)
        // The parameters are all there once there is a body.
        if length > 0 { keepBody(UnsafeRawBufferPointer(rebasing: lying.body), kept, limits) }
    }

    // MARK: Reading

    /// The next thing that the bytes in the window come to; `nil` where they do not come to any more, and all is kept.
    mutating func next(_ window: UnsafeMutableRawBufferPointer, limits: Limits) -> Event? {
        let bytes = UnsafeRawBufferPointer(rebasing: window[..<end])
        while true {
            switch reader.next(bytes, &at) {
            case .params(let range):
                guard let kept else {
                    Self.extend(&params, range, window)
                    continue
                }
                kept.params.append(contentsOf: bytes[range])
            case .body(let range):
                length += range.count
                guard length <= limits.longestDrain else { return cutShort() }
                guard let kept else {
                    Self.extend(&body, range, window)
                    continue
                }
                keepBody(UnsafeRawBufferPointer(rebasing: bytes[range]), kept, limits)
            case .end: return .request
            case .endless: return cutShort()
            case .more:
                if !isAtRest { close(window, limits: limits) }
                return nil
            case .notice(let notice):
                if notice == .aborted && !reader.lacksBody || notice == .otherRole { forgetStreams() }
                return .notice(notice)
            case .refused(let reason): return .refused(reason)
            }
        }
    }

    @inline(never)
    private mutating func cutShort() -> Event {
        reader.cutShort()
        return .endlessRequest
    }

    /// Adds to a stream that lies in the window, closing it up there where it came in several records.
    @inline(__always)
    private static func extend(_ stream: inout Range<Int>, _ range: Range<Int>, _ window: UnsafeMutableRawBufferPointer)
    {
        guard !stream.isEmpty else {
            stream = range
            return
        }
        let bytes = window.baseAddress!
        (bytes + stream.upperBound).copyMemory(from: bytes + range.lowerBound, byteCount: range.count)
        stream = stream.lowerBound..<(stream.upperBound + range.count)
    }

    /// Memory is taken for what has come, and never for more than as much again: what is announced need not come. Nothing
    /// is kept of a body that is longer than it may be.
    private func keepBody(_ content: UnsafeRawBufferPointer, _ kept: Kept, _ limits: Limits) {
        guard length <= limits.longestBody else {
            kept.body = []
            return
        }
        if kept.body.isEmpty {
            kept.announced = kept.params.withUnsafeBytes { params in
                ParamPairs.value(of: "CONTENT_LENGTH", in: params).flatMap {
                    AnnouncedLength(RawSpan(_unsafeBytes: $0)).bytes
                }
            }
        }
        if length > kept.body.capacity, let announced = kept.announced, announced > length {
            kept.body.reserveCapacity(min(announced, 2 * length))
        }
        kept.body.append(contentsOf: content)
    }

    // MARK: Requests

    /// A whole request, or all of an endless one that counts.
    struct Whole {
        /// Whether the connection is to be kept after the answer.
        let keepsConnection: Bool
        /// Whether there were more parameters than are let through.
        let hasTooManyParams: Bool
        /// Bytes of the body that came.
        let length: Int
        /// Monotonic nanoseconds at which its first bytes were noticed.
        let arrivedAt: UInt64
        fileprivate let params: Range<Int>
        fileprivate let body: Range<Int>
        fileprivate let kept: Kept?

        /// Calls `use` with the content of `FCGI_PARAMS`, and with the body unless that is longer than what is kept of one.
        /// - Parameter window: the same in which it was found, and nothing else read into it since.
        @inline(__always)
        func withContent<Result>(
            in window: UnsafeMutableRawBufferPointer,
            _ use: (_ params: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> Result
        ) -> Result {
            guard let kept else {
                return use(
                    UnsafeRawBufferPointer(rebasing: window[params]),
                    UnsafeRawBufferPointer(rebasing: window[body])
                )
            }
            return kept.params.withUnsafeBytes { params in kept.body.withUnsafeBytes { use(params, $0) } }
        }
    }

    /// Takes the request out that was told of, for another one to follow.
    mutating func takeRequest() -> Whole {
        let whole = Whole(
            keepsConnection: reader.keepsConnection,
            hasTooManyParams: reader.hasTooManyParams,
            length: length,
            arrivedAt: arrivedAt,
            params: params,
            body: body,
            kept: kept
        )
        forgetStreams()
        return whole
    }

    /// Takes out what has come of a request, where that is all but the rest of its body and no more will come.
    mutating func takeBrokenOff() -> Whole? {
        guard reader.lacksBody else { return nil }
        reader.forgetAborted()
        return takeRequest()
    }

    private mutating func forgetStreams() {
        params = 0..<0
        body = 0..<0
        kept = nil
        length = 0
        arrivedAt = openedAt
    }

    /// The active request is answered, and its id free.
    mutating func answered() { reader.answered() }
}
