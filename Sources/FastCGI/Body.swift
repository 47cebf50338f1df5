/// What came of a request's body.
public enum BodyStatus: Equatable, Sendable {
    /// All of it is here, and as long as was announced where a length was.
    case complete
    /// Longer than ``Limits/longestBody``; it was thrown away. The length is what was announced, or else what came.
    case tooLong(length: Int)
    /// Another length than `CONTENT_LENGTH` announced; what came is here.
    case unexpectedLength(announced: Int)
}
