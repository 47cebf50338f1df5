/// Why bytes are no JSON text that can be read. Nothing of what was read is repeated.
///
/// Source: RFC 8259.
public enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
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
    /// An object has two members of one name, where names are looked at.
    case duplicateName(offset: Int)

    /// Half a sentence.
    public var description: String {
        switch self {
        case .syntax(let reason, let offset): "\(reason.rawValue), at byte \(offset)"
        case .duplicateName(let offset): "an object has two members of the same name, the second at byte \(offset)"
        case .tooDeep(let offset): "objects and arrays nest more than \(JSONScanner.deepest) deep, at byte \(offset)"
        }
    }
}
