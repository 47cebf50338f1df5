import Bytes
import DashboardState

/// Writes the header section of an answer in CGI's form (RFC 3875, section 6).
struct AnswerHead {
    /// What says that a client may keep an answer, and must ask each time whether it still holds.
    static let cacheable: StaticString = "Cache-Control: private, no-cache\r\n"
    /// What says that the stored document is in the answer (RFC 7240, section 3).
    static let representation: StaticString = "Preference-Applied: return=representation\r\n"

    private(set) var bytes: [UInt8] = []

    /// Starts an answer, forgetting the one before; the memory is used again.
    mutating func begin(_ status: Status) {
        bytes.removeAll(keepingCapacity: true)
        guard status != .ok else { return bytes.append("Status: 200 OK\r\n") }
        bytes.append("Status: ")
        bytes.append(decimal: status.rawValue)
        bytes.append(UInt8(ascii: " "))
        bytes.append(status.reason)
        bytes.append("\r\n")
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
    mutating func field(_ line: StaticString) { bytes.append(line) }

    mutating func field(_ name: StaticString, _ value: StaticString) {
        bytes.append(name)
        bytes.append(": ")
        bytes.append(value)
        bytes.append("\r\n")
    }

    mutating func contentLength(_ length: Int) {
        bytes.append("Content-Length: ")
        bytes.append(decimal: length)
        bytes.append("\r\n")
    }

    /// What a document is described by, and every answer that a client may keep: in one piece, as nearly all requests
    /// take it.
    mutating func cacheableJSON(length: Int) {
        bytes.append("Cache-Control: private, no-cache\r\nContent-Type: application/json\r\nContent-Length: ")
        bytes.append(decimal: length)
        bytes.append("\r\n")
    }

    /// A strong entity tag, which is given without its quotes.
    mutating func entityTag(_ tag: UnsafeRawBufferPointer) {
        bytes.append("ETag: \"")
        bytes.append(contentsOf: tag)
        bytes.append("\"\r\n")
    }

    mutating func entityTag(_ tag: EntityTag) {
        bytes.append("ETag: \"")
        tag.append(to: &bytes)
        bytes.append("\"\r\n")
    }

    mutating func end() { bytes.append("\r\n") }
}
