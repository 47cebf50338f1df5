import DashboardState
import EventLoop
import RESP

/// Keeps states alive that are read: behind a read of one that was saved long ago its remaining time is asked for, and
/// renewed where much of it is gone. Nobody waits for that, and a read itself writes nothing.
final class Renewal {
    /// Called when the last question that was open is settled.
    var onIdle: () -> Void = {}
    private(set) var open = 0
    private let commands: StateCommands
    private let isWanted: Bool
    private unowned let link: LoopLink
    /// Times between these are young; both are made anew each second.
    private var longAgo = WrittenTime(Timestamp(milliseconds: 0))
    private var now = WrittenTime(Timestamp(milliseconds: 0))
    private var refreshAt: UInt64 = 0

    init(_ commands: StateCommands, _ link: LoopLink) {
        self.commands = commands
        isWanted = commands.renewsOnRead
        self.link = link
    }

    /// A document with this time was read.
    /// - Parameter read: the read, as it was sent.
    func noticeRead(of lastModified: UnsafeRawBufferPointer, by read: UnsafeRawBufferPointer) {
        if isWanted, looksOld(lastModified, at: link.now) { begin(after: read) }
    }

    /// Whether a document's time is more than a tenth of the time to live ago, or to come, or no time in the usual form.
    /// - Parameter time: monotonic nanoseconds.
    private func looksOld(_ lastModified: UnsafeRawBufferPointer, at time: UInt64) -> Bool {
        if time >= refreshAt { refresh(time) }
        guard let written = WrittenTime(lastModified) else { return true }
        return written < longAgo || now < written
    }

    private func refresh(_ time: UInt64) {
        refreshAt = time + 1_000_000_000
        let milliseconds = Clock.unixMilliseconds()
        longAgo = WrittenTime(Timestamp(milliseconds: milliseconds - commands.youthMilliseconds))
        // What is saved within this second is not of a time to come.
        now = WrittenTime(Timestamp(milliseconds: milliseconds + 2000))
    }

    /// Asks for the remaining time of what a read has read, and renews it where it is short.
    /// - Parameter read: the read, as it was sent.
    private func begin(after read: UnsafeRawBufferPointer) {
        open += 1
        link.ask(isWrite: false, Question(self, isRenewal: false)) { commands.remainingTime(after: read, $0) }
    }

    private func answered(_ remaining: Int?, to question: UnsafeRawBufferPointer) {
        guard let remaining, commands.wantsRenewal(remaining: remaining) else { return ended() }
        link.ask(isWrite: true, Question(self, isRenewal: true)) { commands.renew(after: question, $0) }
    }

    /// A reply that is none to the question may be another request's, and all behind it too.
    private func foreignReply() { link.reconnect(because: .protocolError("a reply that is none to its command")) }

    private func ended() {
        open -= 1
        if open == 0 { onIdle() }
    }

    /// One of the two commands, while it is under way.
    private final class Question: ReplyReceiver {
        private let renewal: Renewal
        private let isRenewal: Bool

        init(_ renewal: Renewal, isRenewal: Bool) {
            self.renewal = renewal
            self.isRenewal = isRenewal
        }

        /// An error is no matter of the read's: where Redis takes no writes, others tell.
        func receive(_ reply: Reply, _ index: Int, to sent: UnsafeRawBufferPointer) {
            if reply.kind != .integer, !reply.kind.isError { renewal.foreignReply() }
            if isRenewal { renewal.ended() } else { renewal.answered(reply.integer, to: sent) }
        }

        func fail(_ error: RESPError) { renewal.ended() }
    }
}
