import DashboardState

extension Exchange {
    /// What Redis was asked.
    enum Question {
        case nothing
        /// Whether it takes writes.
        case readiness
        case read(ifMatch: Precondition, ifNoneMatch: Precondition)
        case save(version: Int64, tag: EntityTag)
        /// The same, with the document sent ahead of the script.
        case stagedSave(version: Int64, tag: EntityTag)
        case delete
        case conditionalDelete

        /// Whether it changes a state: nobody can tell what became of it where no answer comes.
        var isWrite: Bool {
            switch self {
            case .nothing, .readiness, .read: false
            case .save, .stagedSave, .delete, .conditionalDelete: true
            }
        }

        /// How many commands it takes.
        var commandCount: Int { if case .stagedSave = self { 2 } else { 1 } }

        /// The command that is sent last, for the log.
        var command: StaticString {
            switch self {
            case .nothing: ""
            case .readiness: "set"
            case .read: "get"
            case .save, .stagedSave, .conditionalDelete: "evalsha"
            case .delete: "del"
            }
        }
    }
}
