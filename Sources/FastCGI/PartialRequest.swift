import Glibc

/// What has come of a request that did not arrive as a whole.
final class PartialRequest {
    /// Where in its records it is.
    var reader: RecordReader
    /// Its parameters.
    var params: [UInt8] = []
    /// What of the body is kept: all of it, or nothing once it is longer than it may be.
    private(set) var body: [UInt8] = []
    /// Bytes of the body that have come.
    private(set) var length = 0
    /// The beginning of a record's header.
    var unread: [UInt8] = []
    /// Monotonic nanoseconds at which its first bytes were noticed.
    let arrivedAt: UInt64

    private let longestBody: Int

    init(_ reader: RecordReader, arrivedAt: UInt64, longestBody: Int) {
        self.reader = reader
        self.arrivedAt = arrivedAt
        self.longestBody = longestBody
    }

    /// Adds to the body.
    func append(_ content: UnsafeRawBufferPointer) {
        length += content.count
        if length <= longestBody { body.append(contentsOf: content) } else { body = [] }
    }

    /// Moves ``unread`` to the start of `window`, for what follows to be read behind it.
    /// - Returns: how many bytes it is.
    func moveUnread(to window: UnsafeMutableRawBufferPointer) -> Int {
        window.copyBytes(from: unread)
        defer { unread.removeAll() }
        return unread.count
    }
}
