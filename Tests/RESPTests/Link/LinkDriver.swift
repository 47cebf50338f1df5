import EventLoop
import Glibc

@testable import RESP

/// Drives a link with poll, as an event loop would.
final class LinkDriver {
    let link: Link

    init(_ link: Link) { self.link = link }

    init(_ url: String, timeout: UInt64 = 2_000_000_000) throws {
        link = Link(endpoint: try Endpoint(url), connectTimeout: timeout, responseTimeout: timeout)
    }

    /// Goes on until `condition` holds; false if that takes more than twenty seconds.
    @discardableResult
    func run(until condition: () -> Bool) -> Bool {
        let end = Clock.monotonic() + 20_000_000_000
        while !condition() {
            guard Clock.monotonic() < end else { return false }
            link.flush(now: Clock.monotonic())
            let events = Int16(POLLIN) | (link.wantsWrite ? Int16(POLLOUT) : 0)
            var poll = pollfd(fd: link.descriptor, events: events, revents: 0)
            _ = Glibc.poll(&poll, 1, 5)
            if link.descriptor >= 0, poll.revents != 0 {
                let isBroken = poll.revents & Int16(POLLERR | POLLHUP) != 0
                link.ready(
                    readable: poll.revents & Int16(POLLIN) != 0 || isBroken,
                    writable: poll.revents & Int16(POLLOUT) != 0 || isBroken,
                    now: Clock.monotonic()
                )
            }
            if let deadline = link.deadline, deadline <= Clock.monotonic() { link.tick(now: Clock.monotonic()) }
        }
        return true
    }

    /// Queues a command of these words.
    func send(_ words: [String], isWrite: Bool = false) -> Answer {
        let answer = Answer()
        link.send(isWrite: isWrite, to: answer, now: Clock.monotonic()) { encoder in
            encoder.begin(argumentCount: words.count)
            for word in words { encoder.argument(Array(word.utf8)) }
        }
        return answer
    }

    /// Queues several commands that belong together.
    func send(together commands: [[String]]) -> Answer {
        let answer = Answer()
        link.send(isWrite: false, to: answer, now: Clock.monotonic()) { encoder in
            for words in commands {
                encoder.begin(argumentCount: words.count)
                for word in words { encoder.argument(Array(word.utf8)) }
            }
        }
        return answer
    }

    /// Sends a command and waits for what becomes of it.
    func ask(_ words: String...) -> Answer {
        let answer = send(words)
        run { answer.count > 0 }
        return answer
    }
}

/// What became of a command.
final class Answer: ReplyReceiver {
    private(set) var count = 0
    private(set) var kind: Reply.Kind?
    private(set) var text = ""
    /// Which of several commands each reply was for.
    private(set) var indexes: [Int] = []
    /// What each reply was said to answer.
    private(set) var sent: [String] = []
    private(set) var error: RESPError?

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        count += 1
        self.sent.append(sent.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        indexes.append(index)
        kind = reply.kind
        text = reply.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    func fail(_ error: RESPError) {
        count += 1
        self.error = error
    }
}
