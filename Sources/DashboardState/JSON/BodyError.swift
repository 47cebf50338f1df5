/// Why a body is not one, in words for whoever sends it. Nothing of what was sent is repeated.
public enum BodyError: Error, Equatable, Sendable {
    /// The members that have a meaning.
    public enum Field: String, Sendable {
        case version
        case state
        case checksum
        case lastModified
        case ancestry
    }

    /// What is wrong with bytes that are not JSON.
    public enum Reason: String, Sendable {
        case empty = "the body is empty"
        case byteOrderMark = "a byte-order mark is not allowed"
        case unexpectedEnd = "it ends too early"
        case unexpectedByte = "unexpected character"
        case trailingBytes = "there is something behind the value"
        case invalidLiteral = "expected true, false or null"
        case invalidNumber = "malformed number"
        case invalidEscape = "malformed escape in a string"
        case controlCharacter = "unescaped control character in a string"
        case invalidUTF8 = "not UTF-8"
        case expectedName = "expected a member's name in double quotes"
        case expectedColon = "expected a colon behind a member's name"
        case expectedCommaOrEnd = "expected a comma or the end of the array or object"
    }

    /// Not JSON; the offset is in bytes from 0.
    case syntax(Reason, offset: Int)
    /// Objects and arrays lie in each other more than 128 deep.
    case tooDeep(offset: Int)
    /// JSON, but not an object.
    case notAnObject
    /// The object has two members of one name.
    case duplicateMember(offset: Int)
    /// A member that must be there is not.
    case missing(Field)
    /// A member has another type, or a value out of its range.
    case invalid(Field)

    /// The member that it is about.
    public var field: String? {
        switch self {
        case .missing(let field), .invalid(let field): field.rawValue
        case .syntax, .tooDeep, .notAnObject, .duplicateMember: nil
        }
    }

    /// Where in the body, in bytes from 0.
    public var offset: Int? {
        switch self {
        case .syntax(_, let offset), .tooDeep(let offset), .duplicateMember(let offset): offset
        case .notAnObject, .missing, .invalid: nil
        }
    }

    /// One sentence.
    public var detail: String {
        switch self {
        case .syntax(let reason, let offset): "The body is not JSON: \(reason.rawValue), at byte \(offset)."
        case .tooDeep: "The body nests objects and arrays more than \(JSONScanner.deepest) deep."
        case .notAnObject: "The body must be a JSON object with the members version and state."
        case .duplicateMember(let offset): "The body has two members of the same name, the second at byte \(offset)."
        case .missing(let field): "The body has no member \(field.rawValue): \(Self.expectation(field))."
        case .invalid(let field): "\(field.rawValue) is not acceptable: \(Self.expectation(field))."
        }
    }

    private static func expectation(_ field: Field) -> String {
        switch field {
        case .version: "expected an integer from 0 to 9007199254740991, without fraction or exponent"
        case .state: "expected an object"
        case .checksum: "expected a string, the lowercase hex SHA-256 of the RFC 8785 form of state"
        case .lastModified: "expected an RFC 3339 date-time such as 2026-01-01T00:00:00.000Z"
        case .ancestry:
            "expected a string of at most \(SaveBody.longestAncestry) visible ASCII characters without \" and \\"
        }
    }
}
