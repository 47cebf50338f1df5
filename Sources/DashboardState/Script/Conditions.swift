/// What a write depends on, and what its refusal brings back.
public struct Conditions: Equatable, Sendable {
    /// What must be stored.
    public var ifMatch: Precondition
    /// What must not be.
    public var ifNoneMatch: Precondition
    /// Whether the stored document is wanted where the write does not happen.
    public var wantsCurrent: Bool

    /// Conditions; none unless they are given.
    public init(ifMatch: Precondition = .none, ifNoneMatch: Precondition = .none, wantsCurrent: Bool = false) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
        self.wantsCurrent = wantsCurrent
    }

    /// Whether it depends on nothing.
    public var isUnconditional: Bool { ifMatch == .none && ifNoneMatch == .none }
}
