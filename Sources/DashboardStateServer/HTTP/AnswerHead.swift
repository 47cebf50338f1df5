import Bytes
import DashboardState

/// Writes the header section of an answer in CGI's form (RFC 3875, section 6).
struct AnswerHead: ~Copyable {
    /// What says that a client may keep an answer, and must ask each time whether it still holds.
    static let cacheable: StaticString = "Cache-Control: private, no-cache\r\n"
    /// What says that the stored document is in the answer (RFC 7240, section 3).
    static let representation: StaticString = "Preference-Applied: return=representation\r\n"

    private var buffer = ByteBuffer()

    /// Lends what was written.
    func withBytes(_ body: (RawSpan) -> Void) { body(RawSpan(_unsafeBytes: buffer.bytes)) }

    /// Starts an answer, forgetting the one before; the memory is used again.
    mutating func begin(_ status: Status) {
        buffer.removeAll(reserving: 0)
        guard status != .ok else { return buffer.append("Status: 200 OK\r\n") }
        buffer.append("Status: ")
        buffer.append(decimal: status.rawValue)
        buffer.append(UInt8(ascii: " "))
        buffer.append(status.reason)
        buffer.append("\r\n")
    }

    /// Writes the whole head of a problem.
    /// - Parameters:
    ///   - length: of the body, in bytes.
    ///   - hasCurrent: whether the stored document is in it.
    mutating func write(_ problem: Problem, length: Int, hasCurrent: Bool) {
        begin(problem.status)
        for field in problem.fields { self.field(field.name, field.value) }
        if hasCurrent { field(Self.representation) }
        field("Cache-Control: no-store\r\n")
        field("Content-Type: application/problem+json\r\n")
        contentLength(length)
    }

    /// Adds a whole line.
    mutating func field(_ line: StaticString) { buffer.append(line) }

    mutating func field(_ name: StaticString, _ value: StaticString) {
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
    }

    mutating func contentLength(_ length: Int) {
        buffer.append("Content-Length: ")
        buffer.append(decimal: length)
        buffer.append("\r\n")
    }

    /// What a document is described by, and every answer that a client may keep: in one piece, as nearly all requests
    /// take it.
    mutating func cacheableJSON(length: Int) {
        buffer.append("Cache-Control: private, no-cache\r\nContent-Type: application/json\r\nContent-Length: ")
        buffer.append(decimal: length)
        buffer.append("\r\n")
    }

    /// A strong entity tag, which is given without its quotes.
    mutating func entityTag(_ tag: RawSpan) {
        buffer.append("ETag: \"")
        buffer.append(tag)
        buffer.append("\"\r\n")
    }

    mutating func entityTag(_ tag: EntityTag) {
        buffer.append("ETag: \"")
        tag.withCharacters { buffer.append($0) }
        buffer.append("\"\r\n")
    }

    mutating func end() { buffer.append("\r\n") }
}
