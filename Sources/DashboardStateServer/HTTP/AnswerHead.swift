import DashboardState

/// Writes the header section of an answer in CGI's form (RFC 3875, section 6).
struct AnswerHead {
    private(set) var bytes: [UInt8] = []

    /// Starts an answer, forgetting the one before; the memory is used again.
    mutating func begin(_ status: Status) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append("Status: ")
        bytes.append(decimal: status.rawValue)
        bytes.append(UInt8(ascii: " "))
        bytes.append(status.reason)
        bytes.append("\r\n")
    }

    mutating func field(_ name: StaticString, _ value: StaticString) {
        bytes.append(name)
        bytes.append(": ")
        bytes.append(value)
        bytes.append("\r\n")
    }

    mutating func field(_ name: StaticString, decimal value: Int) {
        bytes.append(name)
        bytes.append(": ")
        bytes.append(decimal: value)
        bytes.append("\r\n")
    }

    /// A strong entity tag, which is given without its quotes.
    mutating func entityTag(_ tag: UnsafeRawBufferPointer) {
        bytes.append("ETag: \"")
        bytes.append(contentsOf: tag)
        bytes.append("\"\r\n")
    }

    mutating func end() { bytes.append("\r\n") }
}
