/// Writes one command as a RESP array of bulk strings.
public struct CommandEncoder {
    private let buffer: CommandBuffer

    init(_ buffer: CommandBuffer) { self.buffer = buffer }

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
        buffer.reserve(length + 2)
        buffer.append(first)
        buffer.append(second)
        buffer.append(third)
        endLine()
    }

    private func line(_ kind: UInt8, _ number: Int) {
        buffer.append(kind)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var at = digits.count
            var rest = number
            repeat {
                at -= 1
                digits[at] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            buffer.append(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: digits[at...])))
        }
        endLine()
    }

    private func endLine() {
        buffer.append(UInt8(ascii: "\r"))
        buffer.append(UInt8(ascii: "\n"))
    }
}
