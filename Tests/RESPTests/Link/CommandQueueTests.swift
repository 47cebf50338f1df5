import Testing

@testable import RESP

struct CommandQueueTests {
    private final class Nobody: ReplyReceiver {
        func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {}
        func fail(_ error: RESPError) {}
    }

    /// A command that is known by its deadline.
    private func command(_ number: Int) -> PendingCommand {
        let buffer = CommandBuffer()
        let encoder = CommandEncoder(buffer)
        encoder.begin(argumentCount: 1)
        encoder.argument(decimal: number)
        return PendingCommand(
            buffer: buffer,
            commandCount: 1,
            receiver: Nobody(),
            isWrite: number % 5 == 0,
            deadline: UInt64(number)
        )
    }

    @Test func orderIsKeptWhereverTheRingBeginsWhenItGrows() {
        for start in [0, 1, 31, 63] {
            let queue = CommandQueue()
            for number in 0..<start { queue.append(command(number)) }
            for number in 0..<start { #expect(queue.removeFirst().deadline == UInt64(number)) }
            #expect(queue.count == 0 && queue.firstDeadline == nil && queue.firstCommandCount == 0)
            for number in 0..<300 { queue.append(command(number)) }
            #expect(queue.count == 300 && queue.firstDeadline == 0 && queue.firstCommandCount == 1)
            #expect(queue.hasWrite(among: 1))
            for number in 0..<300 {
                let sent = queue.firstBytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                let digits = "\(number)"
                #expect(sent == "*1\r\n$\(digits.utf8.count)\r\n\(digits)\r\n")
                #expect(queue.removeFirst().deadline == UInt64(number))
            }
        }
    }

    @Test func writesAreFoundAmongTheFirstAlone() {
        let queue = CommandQueue()
        for number in 1...6 { queue.append(command(number)) }
        #expect(!queue.hasWrite(among: 4) && queue.hasWrite(among: 5) && queue.hasWrite(among: 100))
    }
}
