import RESP

/// Which way a question goes: made for its key, kept for what follows from its replies, and changed where the node that
/// was asked sends it on. A server alone has but one way, which costs nothing.
public struct Route: Equatable, Sendable {
    /// Monotonic nanoseconds until which it may be sent on, and be answered after that.
    var deadline = UInt64.max
    /// The key's slot, where there are slots.
    var slot: UInt16 = 0
    /// How often it was sent on.
    var hops: UInt8 = 0
    /// Whether it goes to ``node``, which gets the slot just now, behind `ASKING`; else where the slot is served.
    var isAsking = false
    /// The place of a node among those of the cluster.
    var node: UInt16 = 0

    /// The only one.
    public static let only = Route()

    /// How often a question is sent on.
    static let mostHops = 5

    /// The way that it takes when it is sent on once more; `nil` where that is over.
    func next(_ now: UInt64) -> Route? {
        guard hops < Self.mostHops, now < deadline else { return nil }
        var next = self
        next.hops += 1
        next.isAsking = false
        return next
    }
}

/// What becomes of a question that the node which was asked has not carried out.
public enum Redirection: Equatable, Sendable {
    /// It is sent again, byte by byte.
    case elsewhere(Route)
    /// It is sent again as one command behind `ASKING`, if it was one with one key: the answer holds for all keys only then.
    case asking(Route)
    /// It is sent again as one command with one key: the slot's keys are on their way from one node to another.
    case apart(Route)
}
