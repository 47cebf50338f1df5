import Bytes

/// Writes commands, each as a RESP array of bulk strings.
public struct CommandEncoder {
    private let buffer: CommandBuffer

    init(_ buffer: CommandBuffer) { self.buffer = buffer }

    /// How many bytes are written: where what comes next will lie.
    public var position: Int { buffer.count }

    /// Adds whole commands that were sent before, byte by byte.
    public func copy(_ sent: RawSpan, commandCount: Int) {
        guard commandCount > 0 else { return }
        buffer.began(commandCount: commandCount, argumentCount: 0)
        buffer.append(sent)
    }

    /// Adds the beginning of a command, as ``Beginning`` or a command that was sent has it.
    /// - Parameter missing: how many arguments must follow.
    public func copyBeginning(_ sent: RawSpan, missing: Int) {
        buffer.began(commandCount: 1, argumentCount: missing)
        buffer.append(sent)
    }

    /// Adds arguments of a command that was sent before, byte by byte.
    public func copyArguments(_ sent: RawSpan, count: Int) {
        buffer.addedArguments(count)
        buffer.append(sent)
    }

    /// What all commands of a kind begin with, written once.
    public struct Beginning {
        fileprivate let bytes: [UInt8]
        fileprivate let missing: Int

        /// - Parameters:
        ///   - words: the command's name, and arguments behind it.
        ///   - missing: how many arguments follow these.
        public init(_ words: StaticString..., missing: Int) {
            let buffer = CommandBuffer()
            let command = CommandEncoder(buffer)
            command.begin(argumentCount: words.count + missing)
            for word in words { command.argument(word) }
            bytes = [UInt8](buffer.bytes)
            self.missing = missing
        }

        /// How many bytes it takes, behind which the arguments lie.
        public var count: Int { bytes.count }
    }

    /// Starts a command; as many arguments must follow as its beginning misses.
    public func begin(_ beginning: Beginning) {
        copyBeginning(beginning.bytes.span.bytes, missing: beginning.missing)
    }

    /// Starts a command; as many arguments must follow, its name being the first.
    public func begin(argumentCount: Int) {
        precondition(argumentCount > 0, "an empty command")
        buffer.began(commandCount: 1, argumentCount: argumentCount)
        buffer.appendLine(UInt8(ascii: "*"), argumentCount)
    }

    /// Adds an argument.
    public func argument(_ bytes: RawSpan) {
        beginArgument(bytes.byteCount)
        buffer.append(bytes)
        endLine()
    }

    /// Adds an argument.
    public func argument(_ bytes: [UInt8]) { argument(bytes.span.bytes) }

    /// Adds a number, which is not negative, as an argument.
    public func argument(decimal number: Int) {
        let count = Decimal.digitCount(number)
        beginArgument(count)
        buffer.append(decimal: number, count)
        endLine()
    }

    /// Adds an argument.
    public func argument(_ text: StaticString) {
        let bytes = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        argument(RawSpan(_unsafeBytes: bytes))
    }

    /// Adds one argument that is made of two pieces and a byte, without putting them together first.
    public func argument(
        _ first: RawSpan,
        _ second: RawSpan,
        ending last: UInt8
    ) {
        beginArgument(first.byteCount + second.byteCount + 1)
        buffer.append(first)
        buffer.append(second)
        buffer.append(last)
        endLine()
    }

    private func beginArgument(_ length: Int) {
        buffer.addedArguments(1)
        buffer.appendLine(UInt8(ascii: "$"), length)
    }

    private func endLine() { buffer.appendLineEnd() }
}
