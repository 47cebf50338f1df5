/// The renewal of a state's time to live behind a read: `PTTL`, and `EXPIRE` where much of the time is gone. Nobody waits
/// for it.
public struct RenewalConversation: Equatable, Sendable {
    /// What follows from a reply.
    public enum Next: Equatable, Sendable {
        /// Ask for the renewal.
        case renew
        /// That is all. An error is no matter of the read's: where Redis takes no writes, others tell.
        case done
        /// That is all, and the connection is given up: the reply is none to the question, and may be another request's.
        case foreign
    }

    private let secondsToLive: Int
    /// The time that is left is known.
    private var isRenewing = false

    /// - Parameter secondsToLive: how long a state lives when it is new.
    public init(secondsToLive: Int) { self.secondsToLive = secondsToLive }

    /// Takes the next reply.
    public mutating func take(_ reply: StoreReply) -> Next {
        switch reply {
        case .number(let remaining):
            guard !isRenewing, isShort(remaining) else { return .done }
            isRenewing = true
            return .renew
        case .refused, .lost: return .done
        case .bytes, .nothing, .done, .foreign: return .foreign
        }
    }

    /// Whether so many milliseconds are less than nine tenths of the time to live. A state that lives for ever (-1), or is
    /// gone (-2), wants none.
    private func isShort(_ milliseconds: Int) -> Bool { milliseconds >= 0 && milliseconds < secondsToLive * 900 }
}
