import Glibc
import Testing

@testable import RESP

struct WriteBlockTests {
    /// Gathers texts as commands lie: each in memory of its own.
    private func gather(_ texts: [String], _ block: WriteBlock) -> Int {
        var memory = texts.map { Array($0.utf8) }
        var vectors = memory.indices.map { index in
            memory[index].withUnsafeMutableBytes { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
        }
        return withExtendedLifetime(memory) { vectors.withUnsafeMutableBufferPointer { block.gather($0) } }
    }

    @Test func itGathersInOrderAndStaysUntilItIsTaken() {
        let block = WriteBlock()
        #expect(gather(["first,", "second"], block) == 12)
        #expect(block.bytes.elementsEqual("first,second".utf8))
        #expect(block.bytes.elementsEqual("first,second".utf8))
        block.isTaken()
        #expect(block.bytes.isEmpty && gather([], block) == 0)
    }

    @Test(arguments: [16383, 16384, 16385, 50000])
    func itTakesARecord(length: Int) {
        let block = WriteBlock()
        let text = String(repeating: "x", count: length)
        #expect(gather([text, "tail"], block) == min(length + 4, WriteBlock.capacity))
        #expect(block.bytes.first == UInt8(ascii: "x"))
    }
}
