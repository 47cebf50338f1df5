import Testing

@testable import RESP

/// Anything but whole commands would have later replies taken for those to others' commands.
struct CommandEncoderTests {
    private let buffer = CommandBuffer()
    private var command: CommandEncoder { CommandEncoder(buffer) }
    private var text: String { String(decoding: buffer.bytes, as: UTF8.self) }

    @Test func commandsAreCounted() {
        #expect(!buffer.isWhole)
        command.begin(argumentCount: 2)
        command.argument("GET")
        #expect(!buffer.isWhole)
        command.argument([0x6B])
        #expect(buffer.isWhole && buffer.isWellFormed && buffer.commandCount == 1)
        command.begin(argumentCount: 1)
        #expect(!buffer.isWhole)
        command.argument(decimal: 42)
        #expect(buffer.isWhole && buffer.isWellFormed && buffer.commandCount == 2)
        command.argument("more than it said")
        #expect(!buffer.isWhole && !buffer.isWellFormed)
        buffer.removeAll()
        #expect(!buffer.isWhole && buffer.commandCount == 0)
    }

    @Test func whatWasSentIsMadeUseOf() {
        let get = CommandEncoder.Beginning("GET", missing: 1)
        command.begin(get)
        #expect(!buffer.isWhole)
        command.argument("key")
        let sent = [UInt8](buffer.bytes)
        buffer.removeAll()
        sent.withSpan { sent in
            let key = sent.extracting(get.count..<sent.byteCount)
            command.begin(CommandEncoder.Beginning("PTTL", missing: 1))
            command.copyArguments(key, count: 1)
            #expect(command.position == buffer.count)
            command.copy(sent, commandCount: 1)
            command.copyBeginning(sent.extracting(0..<get.count), missing: 1)
            #expect(!buffer.isWhole)
            command.copyArguments(key, count: 1)
        }
        #expect(buffer.isWhole && buffer.isWellFormed && buffer.commandCount == 3)
        let reads = String(repeating: "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", count: 2)
        #expect(text == "*2\r\n$4\r\nPTTL\r\n$3\r\nkey\r\n" + reads)
    }

    @Test func anEmptyCommandIsNotWritten() async {
        await #expect(processExitsWith: .failure) {
            CommandEncoder(CommandBuffer()).begin(argumentCount: 0)
        }
    }

    @Test func aCommandInsideOfAnotherIsNotWritten() async {
        await #expect(processExitsWith: .failure) {
            let command = CommandEncoder(CommandBuffer())
            command.begin(argumentCount: 2)
            command.begin(argumentCount: 1)
        }
    }

    @Test(arguments: [0, 1]) func nothingAndHalfACommandAreNotSent(_ arguments: Int) async {
        await #expect(processExitsWith: .failure) { [arguments] in
            let link = Link(endpoint: try Endpoint("unix:///nobody"), connectTimeout: 1, responseTimeout: 1)
            link.send(isWrite: false, to: Nobody(), now: 0) { command in
                guard arguments > 0 else { return }
                command.begin(argumentCount: 2)
                command.argument("GET")
            }
        }
    }
}

private final class Nobody: ReplyReceiver {
    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {}
    func fail(_ error: RESPError) {}
}
