import Glibc

/// Lays an answer out as FastCGI records.
enum AnswerRecords {
    /// Answers of up to so many bytes are copied together: the system does more for four pieces than for one.
    private static let longestCopied = 4096

    /// Memory that short answers are copied to, one after the other.
    static func makeFrame() -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: Record.headerLength + longestCopied + endLength(isFollowed: true), alignment: 16)
    }

    /// Calls `send` with the vectors of a whole answer and its length in bytes: `FCGI_STDOUT` records with head and
    /// body, the empty one that ends the stream, and `FCGI_END_REQUEST`. A short answer is one vector; what is long is not
    /// copied.
    /// - Parameters:
    ///   - isFollowed: whether an empty record follows the end, which has nginx let go of the connection: see
    ///     ``Farewell/isNginx(_:)``.
    ///   - frame: of ``makeFrame()``.
    static func withVectors(
        id: UInt16,
        head: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer,
        status: Record.ProtocolStatus,
        isFollowed: Bool = false,
        frame: UnsafeMutableRawBufferPointer,
        _ send: (UnsafeMutableBufferPointer<iovec>, _ length: Int) -> Void
    ) {
        precondition(head.count <= Record.longestContent, "a head of more than 64 KiB")
        let total = head.count + body.count
        guard total > longestCopied else {
            return withCopy(id: id, head: head, body: body, status: status, isFollowed, frame, send)
        }
        let records = (total + Record.longestContent - 1) / Record.longestContent
        let endLength = endLength(isFollowed: isFollowed)
        let room = records * Record.headerLength + endLength
        withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { headers in
            withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2 * records + 2) { vectors in
                var next = headers.baseAddress!
                var count = 0
                func add(_ base: UnsafeRawPointer?, _ length: Int) {
                    guard length > 0 else { return }
                    vectors[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: base), iov_len: length)
                    count += 1
                }
                var at = 0
                while at < total {
                    let length = min(Record.longestContent, total - at)
                    Record.writeHeader(.stdout, id: id, length: length, to: next)
                    add(next, Record.headerLength)
                    next += Record.headerLength
                    let ofHead = at == 0 ? head.count : 0
                    add(head.baseAddress, ofHead)
                    add(body.baseAddress.map { $0 + (at + ofHead - head.count) }, length - ofHead)
                    at += length
                }
                writeEnd(status, id: id, isFollowed, to: next)
                add(next, endLength)
                send(UnsafeMutableBufferPointer(rebasing: vectors[..<count]), total + room)
            }
        }
    }

    /// What follows the answer: the end of the stream, and of the request.
    private static func endLength(isFollowed: Bool) -> Int {
        Record.headerLength + Record.endLength + (isFollowed ? Record.headerLength : 0)
    }

    private static func writeEnd(
        _ status: Record.ProtocolStatus,
        id: UInt16,
        _ isFollowed: Bool,
        to target: UnsafeMutableRawPointer
    ) {
        Record.writeHeader(.stdout, id: id, length: 0, to: target)
        Record.writeEnd(status, id: id, to: target + Record.headerLength)
        // Of a request that is over, which receivers ignore.
        if isFollowed {
            Record.writeHeader(.stdout, id: id, length: 0, to: target + Record.headerLength + Record.endLength)
        }
    }

    private static func withCopy(
        id: UInt16,
        head: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer,
        status: Record.ProtocolStatus,
        _ isFollowed: Bool,
        _ frame: UnsafeMutableRawBufferPointer,
        _ send: (UnsafeMutableBufferPointer<iovec>, _ length: Int) -> Void
    ) {
        let start = frame.baseAddress!
        var next = start
        func add(_ piece: UnsafeRawBufferPointer) {
            guard let base = piece.baseAddress else { return }
            next.copyMemory(from: base, byteCount: piece.count)
            next += piece.count
        }
        // An empty record would end the stream.
        if head.count + body.count > 0 {
            Record.writeHeader(.stdout, id: id, length: head.count + body.count, to: next)
            next += Record.headerLength
            add(head)
            add(body)
        }
        writeEnd(status, id: id, isFollowed, to: next)
        next += endLength(isFollowed: isFollowed)
        var vector = iovec(iov_base: start, iov_len: start.distance(to: next))
        withUnsafeMutablePointer(to: &vector) { vector in
            send(UnsafeMutableBufferPointer(start: vector, count: 1), vector.pointee.iov_len)
        }
    }
}
