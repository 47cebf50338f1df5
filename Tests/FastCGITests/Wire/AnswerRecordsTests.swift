import Glibc
import Testing

@testable import FastCGI

struct AnswerRecordsTests {
    // With a head of 18 bytes: the longest that is copied together, and the longest that one record holds.
    @Test(arguments: [0, 1, 4078, 4079, 65_000, 65_510, 65_511, 200_000])
    func recordsCarryHeadAndBodyAndEndTheRequest(bodyLength: Int) {
        let head = Array("Status: 200 OK\r\n\r\n".utf8)
        let body = (0..<bodyLength).map { UInt8(truncatingIfNeeded: $0) }
        let bytes = records(head, body)
        var output: [UInt8] = []
        var at = 0
        var types: [UInt8] = []
        while at < bytes.count {
            let length = Int(bytes[at + 4]) << 8 | Int(bytes[at + 5])
            #expect(bytes[at] == 1 && bytes[at + 2] == 0x12 && bytes[at + 3] == 0x34 && bytes[at + 6] == 0)
            types.append(bytes[at + 1])
            if bytes[at + 1] == 6 { output += bytes[(at + 8)..<(at + 8 + length)] }
            at += 8 + length
        }
        #expect(output == head + body)
        let needed = (head.count + bodyLength + Record.longestContent - 1) / Record.longestContent
        #expect(types == [UInt8](repeating: 6, count: needed + 1) + [3])
        #expect(Array(bytes.suffix(8)) == [0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func anUnknownRoleIsReported() {
        let bytes = records([], [], .unknownRole)
        #expect(Array(bytes.suffix(8)) == [0, 0, 0, 0, 3, 0, 0, 0])
    }

    private func records(
        _ head: [UInt8],
        _ body: [UInt8],
        _ status: Record.ProtocolStatus = .requestComplete
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        let frame = AnswerRecords.makeFrame()
        defer { frame.deallocate() }
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in
                AnswerRecords.withVectors(id: 0x1234, head: head, body: body, status: status, frame: frame) {
                    vectors,
                    length in
                    #expect(length == vectors.reduce(0) { $0 + $1.iov_len })
                    #expect((vectors.count == 1) == (head.count + body.count <= 4096))
                    for vector in vectors {
                        bytes += UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)
                    }
                }
            }
        }
        return bytes
    }
}
