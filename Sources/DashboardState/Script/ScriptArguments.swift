/// Takes the arguments of a command, one after the other.
public protocol ArgumentWriter {
    /// Adds an argument.
    func argument(_ bytes: [UInt8])
    /// Adds an argument.
    func argument(_ text: StaticString)
    /// Adds a number, which is not negative, as an argument.
    func argument(decimal number: Int)
}

/// What `save.lua` and `newer.lua` read as `ARGV[2]` and what follows, behind the document.
public struct SaveArguments {
    /// The document's version.
    public var version: Int64
    /// Seconds that it lives.
    public var secondsToLive: Int
    /// Whether the client said when it changed the state.
    public var hasClientTime: Bool
    /// What the save depends on.
    public var conditions: Conditions

    /// Arguments for a document.
    public init(version: Int64, secondsToLive: Int, hasClientTime: Bool, conditions: Conditions) {
        self.version = version
        self.secondsToLive = secondsToLive
        self.hasClientTime = hasClientTime
        self.conditions = conditions
    }

    /// Whether the script must look at more than versions.
    private var hasConditions: Bool { hasClientTime || conditions.wantsCurrent || !conditions.isUnconditional }

    /// How many arguments they are.
    public var count: Int { hasConditions ? 5 : 2 }

    /// Writes them.
    public func write(to writer: some ArgumentWriter) {
        writer.argument(decimal: Int(version))
        writer.argument(decimal: secondsToLive)
        guard hasConditions else { return }
        switch (hasClientTime, conditions.wantsCurrent) {
        case (false, false): writer.argument("")
        case (true, false): writer.argument("m")
        case (false, true): writer.argument("c")
        case (true, true): writer.argument("mc")
        }
        writer.argument(conditions.ifMatch.argument)
        writer.argument(conditions.ifNoneMatch.argument)
    }
}

/// What `delete.lua` reads as `ARGV`.
public struct DeleteArguments {
    /// What the delete depends on.
    public var conditions: Conditions

    /// Whether something is written even where there was nothing to delete.
    public var writesAlways: Bool

    /// Arguments for a delete.
    public init(_ conditions: Conditions, writesAlways: Bool = false) {
        self.conditions = conditions
        self.writesAlways = writesAlways
    }

    /// How many arguments they are.
    public var count: Int { 3 }

    /// Writes them.
    public func write(to writer: some ArgumentWriter) {
        switch (conditions.wantsCurrent, writesAlways) {
        case (false, false): writer.argument("")
        case (true, false): writer.argument("c")
        case (false, true): writer.argument("w")
        case (true, true): writer.argument("cw")
        }
        writer.argument(conditions.ifMatch.argument)
        writer.argument(conditions.ifNoneMatch.argument)
    }
}
