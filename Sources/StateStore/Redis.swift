import DashboardState
import RESP

/// Who can be asked: Redis, however it is reached. All on one thread.
///
/// The loop's is ``LoopLink``. Tests have one whose replies are written down.
public protocol Redis: AnyObject {
    /// Monotonic time of the batch in hand, in nanoseconds.
    var now: UInt64 { get }

    /// Whether keys are kept in different places.
    var hasSlots: Bool { get }

    /// The way to where the keys of a slot are kept.
    func route(to slot: HashSlot) -> Route

    /// Asks what `encode` writes, one command or several that stay together; the replies come to `receiver` later, on this
    /// thread, or a failure at once.
    /// - Parameters:
    ///   - route: the way to the commands' keys.
    ///   - isWrite: whether it changes anything: it is then sent whole once at most.
    ///   - length: about how many bytes it takes.
    func ask(
        _ route: Route,
        isWrite: Bool,
        length: Int,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    )

    /// What becomes of a question to which this error came, that is being delivered; `nil` where the error is its answer.
    func redirect(_ error: Reply, _ route: Route) -> Redirection?

    /// Whether writes are acknowledged only when replicas have them. Who gets a reply that acknowledges one then gives what it
    /// says to ``hold(_:)``.
    var waitsForReplicas: Bool { get }

    /// Keeps what the reply that is being delivered says until replicas have what it is about, or nobody knows whether they do.
    func hold(_ answer: any HeldAnswer)

    /// Who serves what of the keys, as far as that is known; none where there is but one server.
    var shares: [KeyShare] { get }

    /// Does what a failure means for the connection on which a reply is being delivered. The memory of that reply, and of
    /// what it answers, may be given back by that: the last thing that a receiver does.
    func remedy(_ remedy: StoreFailure.Remedy)

    /// Sends what was asked since the last time. To be called before the thread waits.
    func flush()
}

extension Redis {
    /// All keys are in one place.
    public var hasSlots: Bool { false }

    /// The only way that there is.
    public func route(to slot: HashSlot) -> Route { .only }

    /// One server has them all.
    public var shares: [KeyShare] { [] }

    /// Nobody is sent elsewhere.
    public func redirect(_ error: Reply, _ route: Route) -> Redirection? { nil }
}
