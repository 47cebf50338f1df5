/// Commands that wait for their replies, on a ring, so that taking from its front moves nothing.
///
/// A class with memory of its own, as every request passes through it: nothing is counted or checked for being shared.
final class CommandQueue {
    private var slots = UnsafeMutablePointer<PendingCommand>.allocate(capacity: usualCapacity)
    /// A power of two.
    private var capacity = usualCapacity
    private var head = 0
    private(set) var count = 0

    private static let usualCapacity = 64

    deinit {
        while count > 0 { _ = removeFirst() }
        slots.deallocate()
    }

    /// When the first command is given up; `nil` where none waits.
    var firstDeadline: UInt64? { count > 0 ? slots[head].deadline : nil }

    /// How many replies the first command gets; 0 where none waits.
    var firstCommandCount: Int { count > 0 ? slots[head].commandCount : 0 }

    /// Whether one of so many commands at the front changes anything.
    func hasWrite(among most: Int) -> Bool { (0..<min(most, count)).contains { slots[slot($0)].isWrite } }

    /// Whether the first command is to be sent alone.
    var firstIsSuspect: Bool { count > 0 && slots[head].isSuspect }

    /// Who gets the first command's replies. There must be one.
    var firstReceiver: any ReplyReceiver { slots[head].receiver }

    /// The bytes of the first command. There must be one.
    var firstBytes: RawSpan {
        @_lifetime(borrow self) get { _overrideLifetime(slots[head].buffer.span, borrowing: self) }
    }

    /// The bytes of the command at a place in the queue, which must be one.
    func bytes(at index: Int) -> UnsafeRawBufferPointer { slots[slot(index)].buffer.bytes }

    /// How many bytes were sent behind the first command, where so many were sent whole, and so much of the next.
    func bytesSent(behindFirst whole: Int, _ ofNext: Int) -> Int {
        guard whole > 0 else { return 0 }
        return (1..<whole).reduce(ofNext) { $0 + bytes(at: $1).count }
    }

    func append(_ command: consuming PendingCommand) {
        if count == capacity { grow() }
        (slots + slot(count)).initialize(to: command)
        count += 1
    }

    /// Takes the first command. There must be one.
    func removeFirst() -> PendingCommand {
        let command = (slots + head).move()
        head = slot(1)
        count -= 1
        return command
    }

    private func slot(_ index: Int) -> Int { (head + index) & (capacity - 1) }

    private func grow() {
        let next = UnsafeMutablePointer<PendingCommand>.allocate(capacity: 2 * capacity)
        let untilEnd = min(count, capacity - head)
        next.moveInitialize(from: slots + head, count: untilEnd)
        (next + untilEnd).moveInitialize(from: slots, count: count - untilEnd)
        slots.deallocate()
        slots = next
        capacity *= 2
        head = 0
    }
}
