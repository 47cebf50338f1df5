/// What follows from a reply.
public enum Step<Result> {
    /// More replies are to come.
    case wait(Aside)
    /// Have the store learn this script, and send the same commands again, byte by byte.
    case load(ScriptName)
    /// Send the script alone, with the document that was sent ahead of it as an argument in place of its head.
    case unstage
    /// That is settled.
    case done(Result)
}

/// What a reply means to others, where the conversation only goes on.
public enum Aside: Equatable, Sendable {
    /// Nothing.
    case nothing
    /// It is a refusal that operators want to know of.
    case refusal
    /// It is none to its command, so that the connection is given up: what that does to the commands comes as a reply.
    case foreign
}

/// A script that the store knows by its name.
public enum ScriptName: Sendable {
    /// The one that saves.
    case save
    /// The one that deletes under a precondition.
    case delete
}
