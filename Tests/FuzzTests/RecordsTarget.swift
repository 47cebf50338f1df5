@testable import FastCGI

/// Bytes of a connection are read the same in whatever pieces they arrive.
enum RecordsTarget {
    /// What a reader makes of them.
    private struct Reading: Equatable {
        var params: [UInt8] = []
        var body: [UInt8] = []
        var events: [String] = []
        var isRefused = false
    }

    /// - Parameter bytes: the first says how large the pieces are.
    static func run(_ bytes: [UInt8]) -> String? {
        guard let size = bytes.first else { return nil }
        let stream = Array(bytes.dropFirst())
        let whole = read(stream, by: max(1, stream.count))
        guard whole == read(stream, by: Int(size) + 1) else { return "another reading in pieces of \(Int(size) + 1)" }
        return nil
    }

    private static func read(_ bytes: [UInt8], by size: Int) -> Reading {
        var reader = RecordReader()
        var reading = Reading()
        var pending: [UInt8] = []
        var ofRequest = 0
        for start in stride(from: 0, to: bytes.count, by: size) {
            pending += bytes[start..<min(bytes.count, start + size)]
            var at = 0
            pieces: while true {
                switch pending.withUnsafeBytes({ reader.next($0, &at) }) {
                case .params(let range):
                    reading.params += pending[range]
                    ofRequest += range.count
                    precondition(ofRequest <= RecordReader.longestParams, "more parameters than there may be")
                case .body(let range): reading.body += pending[range]
                case .end:
                    reading.events.append("end \(reader.id) \(reader.keepsConnection) \(reader.hasTooManyParams)")
                    ofRequest = 0
                    reader.answered()
                case .endless:
                    reading.events.append("endless \(reader.id)")
                    ofRequest = 0
                    reader.cutShort()
                    reader.answered()
                case .notice(.values(let range)): reading.events.append("values \(Array(pending[range]))")
                case .notice(let notice):
                    reading.events.append("\(notice)")
                    if notice == .aborted || notice == .otherRole { ofRequest = 0 }
                case .more: break pieces
                case .refused(let reason):
                    reading.events.append("\(reason)")
                    reading.isRefused = true
                    return reading
                }
            }
            pending.removeFirst(at)
        }
        return reading
    }

    static var seeds: [[UInt8]] {
        func record(_ kind: UInt8, _ id: UInt8, _ content: [UInt8] = [], padding: Int = 0) -> [UInt8] {
            [1, kind, 0, id, UInt8(content.count >> 8), UInt8(content.count & 255), UInt8(padding), 0] + content
                + [UInt8](repeating: 0, count: padding)
        }
        func begin(_ role: UInt8 = 1, _ id: UInt8 = 1) -> [UInt8] { record(1, id, [0, role, 1, 0, 0, 0, 0, 0]) }
        let params = record(4, 1, [1, 1, 0x41, 0x42], padding: 4) + record(4, 1)
        let request = begin() + params + record(5, 1, [1, 2, 3]) + record(5, 1)
        return [
            [0] + request, [6] + request + request, [255] + begin() + record(2, 1) + request,
            [3] + begin() + begin(1, 2) + params + record(5, 2, [9]) + record(5, 1), [7] + begin(2) + params + request,
            [1] + record(9, 0, [15, 0] + Array("FCGI_MPXS_CONNS".utf8)) + record(99, 0, [1, 2]) + request,
            [9] + record(2, 1) + record(5, 7, [1, 2, 3], padding: 2) + request,
        ]
    }
}
