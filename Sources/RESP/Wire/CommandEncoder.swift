import Bytes

/// Writes one command as a RESP array of bulk strings.
public struct CommandEncoder {
    private let buffer: CommandBuffer

    init(_ buffer: CommandBuffer) { self.buffer = buffer }

    /// Adds whole arguments, or a command's beginning, that ``encoded(_:)`` has written before.
    public func encoded(_ bytes: [UInt8]) { bytes.withUnsafeBytes { buffer.append($0) } }

    /// What is written by `encode`, to be used again and again: a part that all commands of a kind share.
    public static func encoded(_ encode: (CommandEncoder) -> Void) -> [UInt8] {
        let buffer = CommandBuffer()
        encode(CommandEncoder(buffer))
        return [UInt8](buffer.bytes)
    }

    /// Starts the command; as many arguments must follow, its name being the first.
    public func begin(argumentCount: Int) { line(UInt8(ascii: "*"), argumentCount) }

    /// Adds an argument.
    public func argument(_ bytes: UnsafeRawBufferPointer) {
        line(UInt8(ascii: "$"), bytes.count)
        buffer.append(bytes)
        endLine()
    }

    /// Adds an argument.
    public func argument(_ bytes: [UInt8]) { bytes.withUnsafeBytes { argument($0) } }

    /// Adds a number, which is not negative, as an argument.
    public func argument(decimal number: Int) {
        let count = Decimal.digitCount(number)
        line(UInt8(ascii: "$"), count)
        buffer.append(decimal: number, count)
        endLine()
    }

    /// Adds an argument.
    public func argument(_ text: StaticString) {
        argument(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Adds one argument that is made of three pieces, without putting them together first.
    public func argument(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        _ third: UnsafeRawBufferPointer
    ) {
        let length = first.count + second.count + third.count
        line(UInt8(ascii: "$"), length)
        buffer.append(first)
        buffer.append(second)
        buffer.append(third)
        endLine()
    }

    private func line(_ kind: UInt8, _ number: Int) { buffer.appendLine(kind, number) }

    private func endLine() { buffer.appendLineEnd() }
}
