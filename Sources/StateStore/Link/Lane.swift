import EventLoop
import RESP

/// A link to Redis on a loop that watches its descriptor and its deadline.
final class Lane: EventSource {
    let link: Link
    /// Called after the link's time was up and it has done what was due.
    var onTick: () -> Void = {}
    /// Whether anything has happened or was asked since it was flushed.
    @exclusivity(unchecked) var isTouched = true
    private let loop: Loop
    // Unchecked: set once, and used on one thread. Checks at run time cost a read some 200 instructions.
    @exclusivity(unchecked) private var timer: LoopTimer?
    /// What the loop watches; -1 while that is nothing.
    private var watched: Int32 = -1
    private var watchesWriting = false

    init(_ link: Link, _ loop: Loop) {
        self.link = link
        self.loop = loop
        link.beforeLettingGo = { [unowned self] in stopWatching($0) }
        timer = loop.makeTimer { [unowned self] in
            isTouched = true
            link.tick(now: Clock.monotonic())
            onTick()
        }
    }

    /// Sends what was asked since the last time. To be called before the loop waits.
    func flush() {
        isTouched = false
        if link.flush(now: loop.now) {
            isTouched = true
            loop.lookAgain()
        }
        settle()
    }

    /// The same, where there is anything to do: of many lanes a batch concerns few. What others do to the link than to ask
    /// must be told by ``isTouched``.
    func flushIfTouched() { if isTouched { flush() } }

    func ready(_ readiness: Loop.Readiness) {
        isTouched = true
        link.ready(
            readable: readiness.contains(.readable),
            writable: readiness.contains(.writable),
            now: loop.now
        )
    }

    /// Lets go of the connection for good. Not while anything of it is being called.
    func close() {
        link.close()
        if let timer { loop.remove(timer) }
        timer = nil
    }

    /// Watches what the link now waits for. Once before each wait is enough: a descriptor has one event in a batch.
    func settle() {
        timer?.deadline = link.deadline
        let descriptor = link.descriptor
        guard descriptor >= 0 else { return }
        let wantsWrite = link.wantsWrite
        let interest: Loop.Readiness = wantsWrite ? [.readable, .writable] : .readable
        if watched != descriptor {
            guard (try? loop.watch(descriptor, for: interest, source: self)) != nil else { return }
            watched = descriptor
        } else if watchesWriting != wantsWrite {
            loop.rewatch(descriptor, for: interest)
        }
        watchesWriting = wantsWrite
    }

    private func stopWatching(_ descriptor: Int32) {
        guard watched == descriptor else { return }
        loop.unwatch(descriptor)
        watched = -1
    }
}
