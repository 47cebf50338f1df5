import EventLoop
import RESP

/// A link to Redis on a loop that watches its descriptor and its deadline.
final class Lane: EventSource {
    let link: Link
    /// Called after the link's time was up and it has done what was due.
    var onTick: () -> Void = {}
    private let loop: Loop
    // Unchecked: set once, and used on one thread. Checks at run time cost a read some 200 instructions.
    @exclusivity(unchecked) private var timer: LoopTimer?
    private var watched: (descriptor: Int32, generation: UInt64)?
    private var watchesWriting = false

    init(_ link: Link, _ loop: Loop) {
        self.link = link
        self.loop = loop
        super.init()
        timer = loop.makeTimer { [unowned self] in
            link.tick(now: Clock.monotonic())
            onTick()
        }
    }

    /// Sends what was asked since the last time. To be called before the loop waits.
    func flush() {
        link.flush(now: loop.now)
        settle()
    }

    override func ready(_ readiness: Loop.Readiness) {
        link.ready(
            readable: readiness.contains(.readable),
            writable: readiness.contains(.writable),
            now: loop.now
        )
    }

    /// Watches what the link now waits for. Once before each wait is enough: a descriptor has one event in a batch.
    private func settle() {
        timer?.deadline = link.deadline
        let current = link.descriptor >= 0 ? (link.descriptor, link.generation) : nil
        if let watched, current == nil || current! != watched {
            loop.forget(self)
            self.watched = nil
        }
        guard let current else { return }
        let interest: Loop.Readiness = link.wantsWrite ? [.readable, .writable] : .readable
        if watched == nil {
            guard (try? loop.watch(current.0, for: interest, source: self)) != nil else { return }
            watched = current
        } else if watchesWriting != link.wantsWrite {
            loop.rewatch(current.0, for: interest, source: self)
        }
        watchesWriting = link.wantsWrite
    }
}
