import CLinux
import Glibc
import Synchronization

/// Takes messages from any thread and delivers them on the loop's.
///
/// Posting makes an eventfd readable, which the loop watches like any other descriptor; many posts may share one
/// waking.
public final class Mailbox<Message: Sendable>: Sendable {
    private let descriptor: Int32
    private let messages = Mutex<[Message]>([])

    /// Opens the eventfd.
    public init() throws(EventLoopError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last("eventfd") }
    }

    deinit { close(descriptor) }

    /// Queues a message; callable from every thread.
    public func post(_ message: Message) {
        let wasEmpty = messages.withLock { queue in
            defer { queue.append(message) }
            return queue.isEmpty
        }
        if wasEmpty { eventfd_write(descriptor, 1) }
    }

    /// Has `loop` call `deliver`, on its thread, for every message from now on.
    public func attach(to loop: Loop, deliver: @escaping (Message) -> Void) throws(EventLoopError) {
        try loop.watch(descriptor, for: .readable, source: Reader(mailbox: self, deliver: deliver))
    }

    private func takeAll() -> [Message] {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
        return messages.withLock { queue in
            defer { queue.removeAll() }
            return queue
        }
    }

    private final class Reader: EventSource {
        private let mailbox: Mailbox
        private let deliver: (Message) -> Void

        init(mailbox: Mailbox, deliver: @escaping (Message) -> Void) {
            self.mailbox = mailbox
            self.deliver = deliver
        }

        func ready(_ readiness: Loop.Readiness) {
            for message in mailbox.takeAll() { deliver(message) }
        }
    }
}
