import DashboardState

/// Every reason that a store can have.
let refusals: [Refusal.Reason] = [
    .unknownScript, .wrongType, .outOfMemory, .cannotPersist, .tooFewReplicas, .isReplica, .masterIsAway, .isLoggedOut,
    .other, .unknown,
]

/// What each means for the connection.
func remedy(_ reason: Refusal.Reason) -> StoreFailure.Remedy {
    switch reason {
    case .isReplica, .masterIsAway: .leadsToReplica
    case .isLoggedOut: .loggedOut
    default: .none
    }
}

/// What each means for whoever asked to change something.
func meaning(_ reason: Refusal.Reason, isFromScript: Bool = false) -> StoreFailure.Meaning {
    switch reason {
    case .outOfMemory: .outOfMemory
    case .unknown where !isFromScript: .outcomeUnknown
    default: .notCarriedOut
    }
}

/// A step, in a form that compares.
enum SaidStep<Result: Equatable>: Equatable {
    case wait(Aside)
    case load(ScriptName)
    case unstage
    case done(Result)

    init(_ step: Step<Result>) {
        self =
            switch step {
            case .wait(let aside): .wait(aside)
            case .load(let script): .load(script)
            case .unstage: .unstage
            case .done(let result): .done(result)
            }
    }
}

/// A reply without bytes, in a form that can be kept.
enum PlainReply {
    case nothing
    case done
    case number(Int)
    case refused(Refusal)
    case foreign
    case lost(mayBeDone: Bool)

    var reply: StoreReply {
        @_lifetime(immortal)
        get {
            switch self {
            case .nothing: .nothing
            case .done: .done
            case .number(let number): .number(number)
            case .refused(let refusal): .refused(refusal)
            case .foreign: .foreign
            case .lost(let mayBeDone): .lost(mayBeDone: mayBeDone)
            }
        }
    }
}

extension StoreReply {
    /// Calls with a string of the store.
    static func with<Result>(_ text: String, _ body: (StoreReply) -> Result) -> Result {
        Array(text.utf8).withSpan { body(.bytes($0)) }
    }
}
