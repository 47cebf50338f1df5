/// Why the store refused a command.
public struct Refusal: Equatable, Sendable {
    /// What the store says.
    public enum Reason: Equatable, Sendable {
        /// It does not know a script by its name.
        case unknownScript
        /// The key holds a value of another kind.
        case wrongType
        /// It has no memory left for writes.
        case outOfMemory
        /// It takes no writes, since it cannot store its data.
        case cannotPersist
        /// It takes no writes, since too few replicas follow it.
        case tooFewReplicas
        /// It is a replica, which takes no writes.
        case isReplica
        /// It is a replica without its master.
        case masterIsAway
        /// It wants a password, which the connection gave at its beginning: a proxy has lost the login.
        case isLoggedOut
        /// Another error that a store has a name for, and that says that nothing was carried out.
        case other
        /// Words that no store has: a proxy's own, behind which a store may have done what it was asked.
        case unknown
    }

    /// What the store says.
    public let reason: Reason
    /// Whether a script of ours passed it on, which it does before it has changed a state.
    public let isFromScript: Bool

    /// A refusal with this reason.
    public init(_ reason: Reason, isFromScript: Bool = false) {
        self.reason = reason
        self.isFromScript = isFromScript
    }
}
