import EventLoop
import RESP

/// How many replicas must have a write before it is acknowledged, and how long that may take.
public struct ReplicaWait: Equatable, Sendable {
    /// How many; one at least.
    public let replicas: Int
    /// Milliseconds; one at least, since Redis takes 0 for ever.
    public let milliseconds: Int

    /// A wait of this kind.
    public init(replicas: Int, milliseconds: Int) {
        self.replicas = replicas
        self.milliseconds = milliseconds
    }

    /// The time in nanoseconds.
    var time: UInt64 { UInt64(milliseconds) * 1_000_000 }
}

/// What Redis has answered to a write, while it is not known whether enough replicas have it.
public protocol HeldAnswer: AnyObject {
    /// It is known now.
    /// - Parameter isReplicated: false where they do not have it in time, or nobody knows.
    func release(_ isReplicated: Bool)
}

/// A connection for writes that are acknowledged when replicas have them. Behind each batch goes one `WAIT`, which speaks for
/// all writes ahead of it on the same connection, and for no others.
///
/// Redis reads nothing more on the connection until it has answered a `WAIT`. What is asked meanwhile stays here, and shares the
/// next one.
final class WriteLane: ReplyReceiver {
    let link: Link
    private let lane: Lane
    private let wait: ReplicaWait
    private let loop: Loop
    private let troubles: RedisTroubles
    // Unchecked: a lane is one loop's. What is released may ask and be held, which only happens once these have changed.
    @exclusivity(unchecked) private var held: [any HeldAnswer] = []
    /// Something was asked for behind the last `WAIT`.
    @exclusivity(unchecked) private var needsWait = false
    /// A `WAIT` is in the link's queue, or under way.
    @exclusivity(unchecked) private var isWaiting = false

    /// - Parameters:
    ///   - link: nobody else's. Its replies have the time of the wait on top.
    ///   - log: told what becomes of the connection.
    init(
        _ link: Link,
        _ wait: ReplicaWait,
        _ loop: Loop,
        _ troubles: RedisTroubles,
        log: @escaping (Link.Event) -> Void
    ) {
        self.link = link
        self.wait = wait
        self.loop = loop
        self.troubles = troubles
        lane = Lane(link, loop)
        link.gathers = false
        link.onEvent = { [unowned self] event in
            log(event)
            // What comes on the next connection says nothing of writes on this one.
            if case .lost = event { release(false) }
        }
    }

    /// Asks for a write.
    func ask(_ receiver: any ReplyReceiver, until deadline: UInt64, _ encode: (CommandEncoder) -> Void) {
        needsWait = true
        link.send(isWrite: true, to: receiver, now: loop.now, until: deadline, encode)
    }

    /// Keeps an answer that is being delivered on this connection until replicas have what it acknowledges.
    func hold(_ answer: any HeldAnswer) {
        held.append(answer)
        // Replies come in order, so one that is awaited is behind the write.
        if !isWaiting { needsWait = true }
    }

    /// Sends what was asked since the last time, where no `WAIT` is under way.
    func flush() {
        if isWaiting, link.isReady { return lane.settle() }
        if needsWait, !isWaiting {
            needsWait = false
            isWaiting = true
            link.holdsBack = true
            link.send(isWrite: true, to: self, now: loop.now) { StateCommands.wait(wait, $0) }
        }
        lane.flush()
    }

    /// Whether nobody waits for an answer.
    var isIdle: Bool { link.isIdle && held.isEmpty && !needsWait }

    /// Lets go of the connection for good. Not while anything of it is being called.
    func close() { lane.close() }

    // MARK: The answer to WAIT

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
        isWaiting = false
        link.holdsBack = false
        guard let count = reply.integer else {
            let isError = reply.kind.isError
            if isError { troubles.refused(ServerError(reply), "wait") }
            release(false)
            if !isError { link.drop(.protocolError("a reply that is none to its command"), now: Clock.monotonic()) }
            return
        }
        if count < wait.replicas, !held.isEmpty { troubles.tooFewReplicas(count, of: wait) }
        release(count >= wait.replicas)
    }

    func fail(_ error: RESPError) {
        isWaiting = false
        link.holdsBack = false
        release(false)
    }

    private func release(_ isReplicated: Bool) {
        let answers = held
        held = []
        for answer in answers { answer.release(isReplicated) }
    }
}
