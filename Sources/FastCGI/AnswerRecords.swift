import Glibc

/// Lays an answer out as FastCGI records, without copying it.
enum AnswerRecords {
    /// Calls `send` with the vectors of a whole answer and its length in bytes: `FCGI_STDOUT` records with head and
    /// body, the empty one that ends the stream, and `FCGI_END_REQUEST`.
    static func withVectors(
        id: UInt16,
        head: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer,
        status: Record.ProtocolStatus,
        _ send: (UnsafeMutableBufferPointer<iovec>, _ length: Int) -> Void
    ) {
        precondition(head.count <= Record.longestContent, "a head of more than 64 KiB")
        let total = head.count + body.count
        let records = (total + Record.longestContent - 1) / Record.longestContent
        // Each record's header, the end of the stream, the end of the request.
        let room = (records + 1) * Record.headerLength + Record.endLength
        withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { frame in
            withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2 * records + 2) { vectors in
                var next = frame.baseAddress!
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
                let end = next
                Record.writeHeader(.stdout, id: id, length: 0, to: next)
                Record.writeEnd(status, id: id, to: next + Record.headerLength)
                add(end, Record.headerLength + Record.endLength)
                send(UnsafeMutableBufferPointer(rebasing: vectors[..<count]), total + room)
            }
        }
    }
}
