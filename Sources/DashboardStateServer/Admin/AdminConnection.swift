import EventLoop
import Glibc

/// One connection to the admin address: a request, its answer, and the end. Nothing here waits for the peer: what it does
/// not send or take stays with the connection, until its time is up.
final class AdminConnection: EventSource {
    private enum Phase {
        case reading
        /// The answer is not known yet.
        case waiting
        case writing
        /// Answered: what still comes is thrown away until the peer has closed its side, as TCP drops an answer where a
        /// connection is closed with something unread.
        case lingering
        case closed
    }

    /// Nanoseconds that a request may take to come, and an answer to be taken.
    private static let patience: UInt64 = 5_000_000_000
    /// Nanoseconds that a peer has to close its side.
    private static let linger: UInt64 = 1_000_000_000

    private unowned let admin: AdminLoop
    private let descriptor: Int32
    private var phase = Phase.reading
    private var head: [UInt8] = []
    private var unsent: ArraySlice<UInt8> = []
    private var isHead = false
    /// Monotonic nanoseconds at which it is closed, whatever it does.
    private(set) var deadline: UInt64

    init(_ descriptor: Int32, _ admin: AdminLoop, now: UInt64) {
        self.descriptor = descriptor
        self.admin = admin
        deadline = now + Self.patience
    }

    deinit { if phase != .closed { _ = Glibc.close(descriptor) } }

    func ready(_ readiness: Loop.Readiness) {
        switch phase {
        case .reading: read()
        case .waiting: break
        case .writing: write()
        case .lingering: discard()
        case .closed: break
        }
    }

    func read() {
        let isOpen = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { window in
            let count = recv(descriptor, window.baseAddress, window.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
            head += window[..<count]
            return true
        }
        guard isOpen else { return close() }
        switch AdminRequest.parse(head) {
        case .incomplete: break
        case .refused(let refusal):
            isHead = head.starts(with: "HEAD ".utf8)
            answer(.refused(refusal))
        case .request(let request):
            phase = .waiting
            isHead = request.isHead
            // What more it sends is not looked at before it is answered.
            admin.loop.rewatch(descriptor, for: [])
            admin.answer(request) { [weak self] in self?.answer($0) }
        }
    }

    private func answer(_ answer: AdminAnswer) {
        guard phase == .reading || phase == .waiting else { return }
        head = []
        unsent = answer.bytes(withoutBody: isHead)[...]
        phase = .writing
        deadline = admin.loop.now + Self.patience
        write()
    }

    private func write() {
        let count = unsent.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        if count < 0, errno != EAGAIN, errno != EINTR { return close() }
        unsent = unsent.dropFirst(max(0, count))
        guard unsent.isEmpty else { return admin.loop.rewatch(descriptor, for: .writable) }
        unsent = []
        shutdown(descriptor, Int32(SHUT_WR))
        phase = .lingering
        deadline = admin.loop.now + Self.linger
        admin.loop.rewatch(descriptor, for: .readable)
        admin.arrange()
    }

    private func discard() {
        let count = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) {
            recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
        }
        if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { close() }
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        admin.loop.unwatch(descriptor)
        _ = Glibc.close(descriptor)
        admin.closed(self)
    }

    /// Has the loop tell what happens on it.
    func watch() -> Bool { (try? admin.loop.watch(descriptor, for: .readable, source: self)) != nil }
}
