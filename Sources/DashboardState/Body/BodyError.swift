import CanonicalJSON

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

    /// Not JSON; the offset is in bytes from 0.
    case syntax(JSONError.Reason, offset: Int)
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

    init(_ error: JSONError) {
        self =
            switch error {
            case .syntax(let reason, let offset): .syntax(reason, offset: offset)
            case .tooDeep(let offset): .tooDeep(offset: offset)
            case .duplicateName(let offset): .duplicateMember(offset: offset)
            }
    }

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
