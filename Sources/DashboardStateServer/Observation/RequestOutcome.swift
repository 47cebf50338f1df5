/// What became of a request: one number, by which it is counted and from which status, outcome and problem follow.
struct RequestOutcome: Equatable {
    /// From 0, below ``count``.
    let index: Int

    private init(index: Int) { self.index = index }

    /// Answered, with nothing more to say of it: checks, and `OPTIONS`.
    static var answered: RequestOutcome { RequestOutcome(index: 0) }
    /// The document was read.
    static var hit: RequestOutcome { RequestOutcome(index: 1) }
    /// The client has the document.
    static var notModified: RequestOutcome { RequestOutcome(index: 2) }
    /// Saved where nothing was stored.
    static var saved: RequestOutcome { RequestOutcome(index: 3) }
    /// Saved over another document.
    static var replaced: RequestOutcome { RequestOutcome(index: 4) }
    /// The same save had happened before.
    static var unchanged: RequestOutcome { RequestOutcome(index: 5) }
    /// The stored document wins.
    static var refused: RequestOutcome { RequestOutcome(index: 6) }
    /// Deleted.
    static var deleted: RequestOutcome { RequestOutcome(index: 7) }
    /// There was nothing to delete.
    static var nothingDeleted: RequestOutcome { RequestOutcome(index: 8) }
    /// What is stored is no document, so that there is nothing to read.
    static var unusable: RequestOutcome { RequestOutcome(index: 9) }

    /// Its body broke off, and nobody was answered.
    static var clientGone: RequestOutcome { RequestOutcome(index: 10) }

    private static var plain: Int { 11 }

    /// A problem.
    static func problem(_ kind: Problem.Kind) -> RequestOutcome { RequestOutcome(index: plain + kind.rawValue) }

    /// How many there are. Written out, as each request multiplies by it; a test counts them.
    static var count: Int { plain + 24 }

    /// All of them, in the order of their numbers.
    static let all = (0..<count).map { RequestOutcome(index: $0) }

    /// The problem that it was answered with.
    var problem: Problem.Kind? {
        guard self != .unusable else { return .nothingStored }
        return Problem.Kind(rawValue: index - Self.plain)
    }

    var status: Status {
        if let problem { return problem.status }
        guard self != .clientGone else { return .clientClosedRequest }
        return self == .notModified ? .notModified : .ok
    }

    /// The value of the label `outcome`.
    var label: StaticString {
        guard self != .unusable, let problem else { return Self.labels[index] }
        return switch problem {
        case .nothingStored: "miss"
        case .preconditionFailed: "precondition_failed"
        default: problem.status.rawValue < 500 ? "rejected" : "failed"
        }
    }

    /// Whether something went wrong that does not belong to how the service is used.
    var isTrouble: Bool {
        index >= Self.clientGone.index && self != .problem(.nothingStored) && self != .problem(.preconditionFailed)
    }

    private static let labels: [StaticString] = [
        "answered", "hit", "not_modified", "saved", "replaced", "unchanged", "refused", "deleted", "nothing_deleted",
        "unusable", "client_gone",
    ]
}
