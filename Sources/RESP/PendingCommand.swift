/// A command from being asked to being answered, or several that belong together. The bytes are kept that long, to be
/// sent again after a loss, from the first one on.
struct PendingCommand {
    let buffer: CommandBuffer
    /// How many replies there will be.
    let commandCount: Int
    let receiver: any ReplyReceiver
    let isRepeatable: Bool
    /// Monotonic nanoseconds.
    let deadline: UInt64
}

/// A queue on a ring, so that taking from its front moves nothing.
struct CommandQueue {
    private var slots: [PendingCommand?] = Array(repeating: nil, count: 64)
    private var head = 0
    private(set) var count = 0

    subscript(_ index: Int) -> PendingCommand {
        get { slots[(head + index) & (slots.count - 1)]! }
        set { slots[(head + index) & (slots.count - 1)] = newValue }
    }

    var first: PendingCommand? { count > 0 ? slots[head] : nil }

    mutating func append(_ command: consuming PendingCommand) {
        if count == slots.count { grow() }
        slots[(head + count) & (slots.count - 1)] = command
        count += 1
    }

    mutating func removeFirst() -> PendingCommand {
        let command = slots[head]!
        slots[head] = nil
        head = (head + 1) & (slots.count - 1)
        count -= 1
        return command
    }

    private mutating func grow() {
        var next: [PendingCommand?] = []
        next.reserveCapacity(slots.count * 2)
        for index in 0..<count { next.append(self[index]) }
        next.append(contentsOf: repeatElement(nil, count: slots.count * 2 - count))
        slots = next
        head = 0
    }
}
