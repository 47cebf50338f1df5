/// Whole commands that wait to be sent, where it is not known yet to whom.
public struct EncodedCommands {
    private let buffer = CommandBuffer()

    /// The commands that `encode` writes.
    public init(_ encode: (CommandEncoder) -> Void) {
        encode(CommandEncoder(buffer))
        precondition(buffer.isWhole, "nothing to send, or no whole command")
    }

    /// How many bytes they take.
    public var length: Int { buffer.count }

    /// Writes them.
    public func write(to encoder: CommandEncoder) { encoder.copy(buffer.span, commandCount: buffer.commandCount) }
}
