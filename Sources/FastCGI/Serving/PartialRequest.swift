import Glibc

/// What has come of a request that did not arrive as a whole, or behind one that is being answered.
final class PartialRequest {
    /// Where in its records it is.
    var reader: RecordReader
    /// The beginning of a record that must be looked at as a whole; or all that came, where it has to wait.
    var unread: [UInt8] = []
    /// What there is of the request.
    var content = Content()

    private let longestBody: Int

    /// The streams of a request.
    struct Content {
        /// Its parameters.
        fileprivate(set) var params: [UInt8] = []
        /// What of the body is kept: all of it, or nothing once it is longer than it may be.
        fileprivate(set) var body: [UInt8] = []
        /// How long the body should become.
        var announced: Int?
        /// Bytes of the body that have come.
        fileprivate(set) var length = 0
        /// Monotonic nanoseconds at which its first bytes were noticed.
        fileprivate(set) var arrivedAt: UInt64 = 0
    }

    init(_ reader: RecordReader, arrivedAt: UInt64, longestBody: Int) {
        self.reader = reader
        self.longestBody = longestBody
        content.arrivedAt = arrivedAt
    }

    /// Whether it holds nothing that matters.
    var isAtRest: Bool { reader.isAtRest && unread.isEmpty }

    /// Adds to the parameters.
    func append(params: UnsafeRawBufferPointer) { content.params.append(contentsOf: params) }

    /// Adds to the body. Memory is taken for what has come, and never for more than as much again: what is announced need
    /// not come.
    func append(body: UnsafeRawBufferPointer) {
        content.length += body.count
        guard content.length <= longestBody else {
            content.body = []
            return
        }
        if content.length > content.body.capacity, let announced = content.announced, announced > content.length {
            content.body.reserveCapacity(min(announced, 2 * content.length))
        }
        content.body.append(contentsOf: body)
    }

    /// Takes the streams out, for another request to follow.
    func takeContent(now: UInt64) -> Content {
        defer {
            content = Content()
            content.arrivedAt = now
        }
        return content
    }

    /// Moves ``unread`` to the start of `window`, for what follows to be read behind it.
    /// - Returns: how many bytes it is.
    func moveUnread(to window: UnsafeMutableRawBufferPointer) -> Int {
        window.copyBytes(from: unread)
        defer { unread.removeAll() }
        return unread.count
    }
}
