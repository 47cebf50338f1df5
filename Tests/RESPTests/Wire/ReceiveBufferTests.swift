import Testing

@testable import RESP

struct ReceiveBufferTests {
    private func receive(_ bytes: [UInt8], _ buffer: ReceiveBuffer) {
        buffer.room.copyBytes(from: bytes)
        buffer.added(bytes.count)
    }

    private func kept(_ buffer: ReceiveBuffer) -> [UInt8] { buffer.span.withUnsafeBytes { [UInt8]($0) } }

    @Test func whatIsNotConsumedStaysWhenRoomIsMade() {
        let buffer = ReceiveBuffer()
        let bytes = (0..<60000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        receive(bytes, buffer)
        buffer.consume(50000)
        // Moved to the front.
        buffer.reserve(30000)
        #expect(kept(buffer) == Array(bytes[50000...]) && !buffer.isLarge && buffer.room.count >= 20000)
        // Or to more memory.
        buffer.reserve(1 << 20)
        #expect(kept(buffer) == Array(bytes[50000...]) && buffer.isLarge && buffer.room.count >= (1 << 20) - 10000)
        receive(bytes, buffer)
        #expect(kept(buffer) == Array(bytes[50000...]) + bytes)
    }

    @Test func whatALargeReplyTookIsGivenBack() {
        for isConsumed in [true, false] {
            let buffer = ReceiveBuffer()
            receive([1, 2, 3], buffer)
            buffer.reserve(1 << 20)
            #expect(buffer.isLarge)
            if isConsumed { buffer.consume(3) } else { buffer.forget() }
            #expect(!buffer.isLarge && buffer.bytes.isEmpty && buffer.room.count == ReceiveBuffer.usualCapacity)
        }
    }
}
