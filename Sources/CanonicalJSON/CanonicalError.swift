/// Why a JSON value has no canonical form. RFC 8785 is defined for I-JSON (RFC 7493) only, where numbers are IEEE 754
/// doubles, names are unique and strings are whole characters.
public enum CanonicalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is no JSON value at all.
    case notJSON(JSONError)
    /// It is longer than 512 MiB.
    case tooLong
    /// A number beyond the range of a double.
    case numberOutOfRange
    /// A `\u` escape that means half a character.
    case loneSurrogate
    /// Two members of one name in an object.
    case duplicateName

    /// Half a sentence.
    public var description: String {
        switch self {
        case .notJSON(let error): "it is not JSON: \(error)"
        case .tooLong: "it is longer than 512 MiB"
        case .numberOutOfRange: "a number is beyond the range of IEEE 754 doubles"
        case .loneSurrogate: "a string has an escape that is half a surrogate pair"
        case .duplicateName: "an object has two members of the same name"
        }
    }
}
