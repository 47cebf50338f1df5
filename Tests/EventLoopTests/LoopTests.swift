import Glibc
import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(1)))
struct EventLoopTests {
    @Test func messagesOfOtherThreadsAreDeliveredInOrder() throws {
        let loop = try Loop()
        let mailbox = try Mailbox<Int>()
        var received: [Int] = []
        let source = try mailbox.attach(to: loop) { number in
            received.append(number)
            if number == 999 { loop.stop() }
        }
        let sender = try LoopThread.start(name: "sender") { for number in 0..<1000 { mailbox.post(number) } }
        loop.run()
        sender.join()
        #expect(received == Array(0..<1000))
        _ = source
    }

    @Test func timersFireOnceAndInTurn() throws {
        let loop = try Loop()
        var fired: [String] = []
        let late = loop.makeTimer {
            fired.append("late")
            loop.stop()
        }
        let early = loop.makeTimer { fired.append("early") }
        let never = loop.makeTimer { fired.append("never") }
        let now = Clock.monotonic()
        late.deadline = now + 30_000_000
        early.deadline = now + 10_000_000
        loop.run()
        #expect(fired == ["early", "late"])
        #expect(early.deadline == nil && never.deadline == nil)
    }

    /// Two sources are ready in one batch, and the first to be told takes the other away: it must not be told any more.
    @Test func whatIsNoLongerWatchedIsNotToldOfTheSameBatch() throws {
        let loop = try Loop()
        var told = 0
        var pipes: [[Int32]] = []
        var sources: [Told] = []
        for _ in 0..<2 {
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0 && write(ends[1], "x", 1) == 1)
            pipes.append(ends)
        }
        for index in 0..<2 {
            sources.append(
                Told {
                    told += 1
                    loop.unwatch(pipes[1 - index][0], source: sources[1 - index])
                    loop.stop()
                }
            )
        }
        for index in 0..<2 { try loop.watch(pipes[index][0], for: .readable, source: sources[index]) }
        loop.run()
        #expect(told == 1)
        for end in pipes.joined() { close(end) }
    }

    @Test func batchesEndBeforeTheLoopWaits() throws {
        let loop = try Loop()
        var batches = 0
        loop.afterBatch = {
            batches += 1
            if batches == 3 { loop.stop() }
        }
        let timer = loop.makeTimer {}
        timer.deadline = 1
        let again = loop.makeTimer { timer.deadline = 1 }
        again.deadline = 1
        loop.run()
        #expect(batches == 3)
    }

    private final class Told: EventSource {
        private let action: () -> Void
        init(_ action: @escaping () -> Void) { self.action = action }
        override func ready(_ readiness: Loop.Readiness) { action() }
    }
}
