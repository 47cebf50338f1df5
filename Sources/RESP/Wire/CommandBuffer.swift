import Bytes

/// Memory that a command is written into, and that stays where it is until the command is answered: many of them are
/// handed to one system call, and sent again after a loss.
final class CommandBuffer {
    /// Room that a buffer starts with, and how much one may have grown to and still be used again.
    static let usualCapacity = 512
    static let largestPooled = 32 << 10
    /// A kind, nineteen digits and the line end.
    private static let longestLine = 22

    private(set) var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: usualCapacity, alignment: 16)
    private(set) var count = 0
    /// Commands that were begun, and arguments that the last of them still wants: what tells how many replies will come.
    private(set) var commandCount = 0
    private(set) var missingArguments = 0

    deinit { memory.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    var span: RawSpan {
        @_lifetime(borrow self) get { _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self) }
    }

    func removeAll() {
        count = 0
        commandCount = 0
        missingArguments = 0
    }

    /// Whether it holds whole commands, one at least. Anything else would have later replies taken for those to others'
    /// commands.
    var isWhole: Bool { commandCount > 0 && missingArguments == 0 }

    /// Commands begin, the last of which wants so many arguments yet.
    func began(commandCount more: Int, argumentCount: Int) {
        precondition(missingArguments == 0, "a command inside of another")
        commandCount += more
        missingArguments = argumentCount
    }

    /// Arguments follow; more than are missing make it less than whole for good.
    func addedArguments(_ count: Int) { missingArguments &-= count }

    /// The same as ``isWhole`` and ``commandCount`` say, from the bytes themselves: for checks in debug builds.
    var isWellFormed: Bool {
        var rest = span
        for _ in 0..<commandCount {
            guard case .complete(let command, let length)? = try? ReplyParser.parse(rest), command.kind == .array,
                command.count > 0
            else { return false }
            var elements = command.elements
            while let element = elements.next() { if element.kind != .bulkString { return false } }
            rest = rest[length..<rest.byteCount]
        }
        return rest.isEmpty
    }

    func reserve(_ additional: Int) {
        guard memory.count - count < additional else { return }
        let next = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(memory.count * 2, count + additional),
            alignment: 16
        )
        next.copyMemory(from: bytes)
        memory.deallocate()
        memory = next
    }

    func append(_ piece: RawSpan) {
        piece.withUnsafeBytes { piece in
            guard let source = piece.baseAddress, !piece.isEmpty else { return }
            reserve(piece.count)
            (memory.baseAddress! + count).copyMemory(from: source, byteCount: piece.count)
            count += piece.count
        }
    }

    func append(_ byte: UInt8) {
        reserve(1)
        memory[count] = byte
        count += 1
    }

    /// Appends a line that RESP starts an aggregate or a string with: its kind and its length, which is not negative.
    func appendLine(_ kind: UInt8, _ number: Int) {
        reserve(Self.longestLine)
        memory[count] = kind
        count += 1
        let digits = Decimal.digitCount(number)
        Decimal.write(number, digits, to: memory.baseAddress! + count)
        count += digits
        appendLineEnd()
    }

    /// Appends the digits of a number that is not negative, of which there are `digits`.
    func append(decimal number: Int, _ digits: Int) {
        reserve(digits)
        Decimal.write(number, digits, to: memory.baseAddress! + count)
        count += digits
    }

    func appendLineEnd() {
        reserve(2)
        memory[count] = UInt8(ascii: "\r")
        memory[count + 1] = UInt8(ascii: "\n")
        count += 2
    }
}
