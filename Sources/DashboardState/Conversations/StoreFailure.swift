/// Why there is no result.
public struct StoreFailure: Equatable, Sendable {
    /// What that means for whoever asked.
    public enum Meaning: Equatable, Sendable {
        /// It was not carried out, and will not be.
        case notCarriedOut
        /// It may have been carried out.
        case outcomeUnknown
        /// It was not carried out, for want of memory.
        case outOfMemory
    }

    /// What that means for the connection.
    public enum Remedy: Equatable, Sendable {
        /// Nothing.
        case none
        /// It is given up, since the next reply may be another request's.
        case givenUp
        /// It leads to a replica.
        case leadsToReplica
        /// It has to log in again.
        case loggedOut
    }

    /// What that means for whoever asked.
    public var meaning: Meaning
    /// What that means for the connection.
    public var remedy = Remedy.none
    /// Whether operators want to know of the refusal that it comes from.
    public var tells = false

    /// No reply will come.
    static func lost(mayBeDone: Bool) -> StoreFailure {
        StoreFailure(meaning: mayBeDone ? .outcomeUnknown : .notCarriedOut)
    }

    /// A reply that is none to what was asked may be one to another request's, and all behind it too.
    static func foreign(isWrite: Bool) -> StoreFailure {
        StoreFailure(meaning: isWrite ? .outcomeUnknown : .notCarriedOut, remedy: .givenUp)
    }

    /// A store that was sent a script does not know it after that, and will not learn it.
    /// - Parameter tells: operators have not been told why.
    static func unteachable(tells: Bool) -> StoreFailure { StoreFailure(meaning: .notCarriedOut, tells: tells) }

    /// A refusal that a conversation has no use for.
    init(_ refusal: Refusal, isWrite: Bool) {
        self.init(meaning: .notCarriedOut, tells: true)
        switch refusal.reason {
        case .outOfMemory where isWrite: meaning = .outOfMemory
        case .isReplica, .masterIsAway: remedy = .leadsToReplica
        case .isLoggedOut: remedy = .loggedOut
        case .unknown where isWrite && !refusal.isFromScript: meaning = .outcomeUnknown
        default: break
        }
    }

    /// A failure that means this.
    public init(meaning: Meaning, remedy: Remedy = .none, tells: Bool = false) {
        self.meaning = meaning
        self.remedy = remedy
        self.tells = tells
    }
}
