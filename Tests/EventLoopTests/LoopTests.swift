import Glibc
import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(5)))
struct EventLoopTests {
    @Test func messagesOfOtherThreadsAreDeliveredInOrder() throws {
        let loop = try Loop()
        let mailbox = try Mailbox<Int>()
        var received: [Int] = []
        try mailbox.attach(to: loop) { number in
            received.append(number)
            if number == 999 { loop.stop() }
        }
        let sender = try LoopThread.start(name: "sender") { for number in 0..<1000 { mailbox.post(number) } }
        loop.run()
        sender.join()
        #expect(received == Array(0..<1000))
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

    /// As when the loop was held up until both were due.
    @Test func timersThatAreDueTogetherFireInTurn() throws {
        let loop = try Loop()
        var fired: [String] = []
        let last = loop.makeTimer {
            fired.append("last")
            loop.stop()
        }
        let putOff = loop.makeTimer { fired.append("put off") }
        let removed = loop.makeTimer { fired.append("removed") }
        let first = loop.makeTimer {
            fired.append("first")
            putOff.deadline = Clock.monotonic() + 10_000_000_000
            loop.remove(removed)
        }
        (first.deadline, putOff.deadline, removed.deadline, last.deadline) = (1, 2, 3, 4)
        loop.run()
        #expect(fired == ["first", "last"])
    }

    /// Two sources are ready in one batch, and the first to be told takes the other away: it must not be told any more.
    @Test func whatIsNoLongerWatchedIsNotToldOfTheSameBatch() throws {
        let loop = try Loop()
        var told = 0
        let pipes = [Pipe(), Pipe()]
        for index in 0..<2 {
            try loop.watch(
                pipes[index].output,
                for: .readable,
                source: Told { _ in
                    told += 1
                    loop.unwatch(pipes[1 - index].output)
                    loop.stop()
                }
            )
        }
        loop.run()
        #expect(told == 1)
    }

    /// Its number is the next that the system gives, and then somebody else's in the same batch.
    @Test(arguments: [false, true])
    func whoGetsAClosedDescriptorsNumberIsNotToldOfItsEvents(isHeldElsewhere: Bool) throws {
        let loop = try Loop()
        var told = 0
        var toldNext = 0
        let pipes = [Pipe(), Pipe()]
        let next = Pipe(isReadable: false)
        // As a process holds it that was forked meanwhile.
        let held = isHeldElsewhere ? pipes.map { dup($0.output) } : []
        for index in 0..<2 {
            try loop.watch(
                pipes[index].output,
                for: .readable,
                source: Told { _ in
                    told += 1
                    let number = pipes[1 - index].output
                    // Closes it first, without a word to the loop.
                    #expect(dup2(next.output, number) == number)
                    try? loop.watch(number, for: .readable, source: Told { _ in toldNext += 1 })
                    loop.stop()
                }
            )
        }
        loop.run()
        #expect(told == 1 && toldNext == 0)
        for descriptor in held { close(descriptor) }
    }

    /// epoll forgets a socket by itself only when the last descriptor of it is closed, wherever that is.
    @Test func whatIsUnwatchedBeforeItIsClosedIsNotReportedForOthers() throws {
        let loop = try Loop()
        var told = 0
        let pipe = Pipe()
        let held = dup(pipe.output)
        try loop.watch(
            pipe.output,
            for: .readable,
            source: Told { _ in
                told += 1
                loop.unwatch(pipe.output)
                pipe.close()
            }
        )
        var batches = 0
        loop.afterBatch = { batches += 1 }
        let end = loop.makeTimer { loop.stop() }
        end.deadline = Clock.monotonic() + 50_000_000
        loop.run()
        #expect(told == 1 && batches < 10)
        close(held)
    }

    @Test func aSourceIsKeptWhileItIsWatched() throws {
        let loop = try Loop()
        var told: [String] = []
        let pipe = Pipe()
        let other = Pipe()
        weak var kept: Told?
        weak var left: Told?
        do {
            let source = Told { _ in
                told.append("kept")
                // Also while it is being told.
                loop.unwatch(pipe.output)
                told.append(kept == nil ? "released too early" : "still there")
                loop.stop()
            }
            kept = source
            try loop.watch(pipe.output, for: .readable, source: source)
            let quiet = Told { _ in }
            left = quiet
            try loop.watch(other.input, for: [], source: quiet)
        }
        #expect(kept != nil && left != nil)
        loop.run()
        #expect(told == ["kept", "still there"])
        // The end of the loop ends what is watched then.
        #expect(kept == nil && left == nil)
    }

    /// Whoever is let go of may end its other watches in that moment.
    @Test func aSourceMayUnwatchWhenItIsReleased() throws {
        let loop = try Loop()
        let pipes = (0..<4).map { _ in Pipe() }
        var released = 0
        for index in 0..<3 {
            let source = Told { _ in loop.stop() }
            source.onRelease = {
                released += 1
                loop.unwatch(pipes[index].output)
                loop.unwatch(pipes[3].output)
            }
            try loop.watch(pipes[index].output, for: .readable, source: source)
        }
        loop.unwatch(pipes[0].output)
        #expect(released == 1)
        loop.run()
        #expect(released == 3)
    }

    @Test(arguments: [-1, Int32.max])
    func whatCannotBeWatchedIsNotKept(descriptor: Int32) throws {
        let loop = try Loop()
        weak var source: Told?
        #expect(throws: EventLoopError.system(call: "epoll_ctl", errno: EBADF)) {
            let told = Told { _ in }
            source = told
            try loop.watch(descriptor, for: .readable, source: told)
        }
        #expect(source == nil)
        // Nor does it harm to end what is not watched.
        loop.rewatch(descriptor, for: [])
        loop.unwatch(descriptor)
    }

    @Test func aSourceIsToldForWhatItIsWatched() throws {
        let loop = try Loop()
        var told: [Loop.Readiness] = []
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (one, other) = (ends[0], ends[1])
        try loop.watch(
            one,
            for: .readable,
            source: Told { readiness in
                told.append(readiness)
                switch told.count {
                case 1: loop.rewatch(one, for: .writable)
                case 2:
                    loop.rewatch(one, for: [])
                    close(other)
                default: loop.stop()
                }
            }
        )
        #expect(write(other, "x", 1) == 1)
        loop.run()
        #expect(told == [.readable, .writable, [.readable, .writable]])
        close(one)
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

    @Test func aLoopThatIsToLookAgainDoesNotWait() throws {
        let loop = try Loop()
        var batches = 0
        // All that a loop which waits would wait for.
        let end = loop.makeTimer {
            Issue.record("the loop has waited")
            loop.stop()
        }
        end.deadline = Clock.monotonic() + 10_000_000_000
        loop.afterBatch = {
            batches += 1
            if batches < 3 { loop.lookAgain() } else { loop.stop() }
        }
        loop.run()
        #expect(batches == 3)
    }

    private final class Told: EventSource {
        private let action: (Loop.Readiness) -> Void
        var onRelease: () -> Void = {}
        init(_ action: @escaping (Loop.Readiness) -> Void) { self.action = action }
        deinit { onRelease() }
        func ready(_ readiness: Loop.Readiness) { action(readiness) }
    }

    /// A pipe, from which something can be read unless told otherwise.
    private final class Pipe {
        let output: Int32
        let input: Int32
        private var isOpen = true

        init(isReadable: Bool = true) {
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0)
            (output, input) = (ends[0], ends[1])
            if isReadable { #expect(write(input, "x", 1) == 1) }
        }

        deinit { close() }

        func close() {
            if isOpen { for end in [output, input] { Glibc.close(end) } }
            isOpen = false
        }
    }
}
