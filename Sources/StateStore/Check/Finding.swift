/// Something that a check of Redis has found.
public struct Finding: Equatable, Sendable {
    /// How bad it is.
    public enum Level: String, Sendable {
        /// The service cannot do what it promises.
        case error
        /// It can, and what is stored may get lost.
        case warning
        /// That is how it is, or it cannot be told.
        case note
    }

    /// How bad it is.
    public let level: Level
    /// The server that it is about, without credentials.
    public let node: String
    /// The same for the same finding in all versions, for programs: lowercase words with hyphens.
    public let code: String
    /// A sentence for operators.
    public let sentence: String

    init(_ level: Level, _ node: String, _ code: String, _ sentence: String) {
        self.level = level
        self.node = node
        self.code = code
        self.sentence = sentence
    }
}
