import DashboardState

/// What one request asks Redis.
enum Conversation {
    /// Whether it takes writes.
    case readiness(ReadinessConversation)
    case read(ReadConversation)
    case save(SaveConversation, version: Int64, tag: EntityTag)
    case delete(DeleteConversation)

    /// Whether it changes a state: nobody can tell what became of it where no answer comes.
    var isWrite: Bool {
        switch self {
        case .readiness, .read: false
        case .save, .delete: true
        }
    }

    /// How many commands it takes, without a script that is loaded.
    var commandCount: Int { if case .save(let save, _, _) = self { save.commandCount } else { 1 } }

    /// The script that decides, where one does.
    var script: ScriptName? {
        switch self {
        case .readiness, .read: nil
        case .save: .save
        case .delete(let delete): delete.isConditional ? .delete : nil
        }
    }

    /// The script is called anew, with all that it needs in one command.
    mutating func beginAgainInOneCommand() {
        switch self {
        case .readiness, .read: break
        case .save(var save, let version, let tag):
            save.beginAgainUnstaged()
            self = .save(save, version: version, tag: tag)
        case .delete(var delete):
            delete.beginAgain()
            self = .delete(delete)
        }
    }

    /// The command that is sent last, for the log.
    var command: StaticString {
        switch self {
        case .readiness: "set"
        case .read: "get"
        case .save: "evalsha"
        case .delete(let delete): delete.isConditional ? "evalsha" : "del"
        }
    }
}
