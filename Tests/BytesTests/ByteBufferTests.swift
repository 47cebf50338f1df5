import Bytes
import Testing

struct ByteBufferTests {
    @Test func whatIsAppendedStandsBehindWhatWasThereHoweverMuch() {
        var buffer = ByteBuffer()
        var expected: [UInt8] = []
        for round in 0..<4000 {
            let piece = (0..<(round % 97)).map { UInt8(truncatingIfNeeded: round + $0) }
            // Some more can be read behind it.
            let padded = piece + [UInt8](repeating: 0xFF, count: ByteBuffer.slack)
            padded.withUnsafeBufferPointer { buffer.append(padded: $0.baseAddress!, piece.count) }
            buffer.append(piece)
            buffer.append(piece.span.bytes)
            buffer.append(UInt8(ascii: ","))
            buffer.append("text")
            buffer.append(decimal: round)
            expected += piece + piece + piece + Array(",text\(round)".utf8)
        }
        #expect([UInt8](buffer.bytes) == expected && expected.count > 512 << 10)
        buffer.removeAll(reserving: 0)
        #expect(buffer.bytes.isEmpty)
        buffer.append("again")
        #expect([UInt8](buffer.bytes) == Array("again".utf8))
    }

    @Test func theEndCanBeReplaced() {
        var buffer = ByteBuffer()
        var other = ByteBuffer()
        buffer.append("abcdef")
        other.append("xyz")
        buffer.replace(from: 3, with: other)
        #expect([UInt8](buffer.bytes) == Array("abcxyz".utf8))
    }
}
