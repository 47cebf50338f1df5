import Glibc

/// The parameters of one request (`REQUEST_METHOD`, `REMOTE_USER`, `HTTP_IF_MATCH`, …), in the order sent.
///
/// A view on memory of libfcgi's or of the process's environment, valid while the request is handled. Where a web server sends a name twice, both are
/// here: the last one counts, as in PHP.
public struct Params: Sequence {
    /// Name and value, neither with a terminator.
    public typealias Element = (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)

    private let entries: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    init(_ entries: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) { self.entries = entries }

    /// Walks all of them once.
    public func makeIterator() -> Iterator { Iterator(next: entries) }

    /// The last value of this name, or `nil` where it was not sent.
    public subscript(name: StaticString) -> UnsafeRawBufferPointer? {
        let length = name.utf8CodeUnitCount
        let first = CChar(bitPattern: name.utf8Start.pointee)
        var found: UnsafeMutablePointer<CChar>?
        var entry = entries
        while let text = entry?.pointee {
            // As strings end with NUL, this looks at nothing beyond one that is shorter.
            if text.pointee == first,
                strncmp(text, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), length) == 0,
                text[length] == CChar(UInt8(ascii: "="))
            {
                found = text + length + 1
            }
            entry = entry?.advanced(by: 1)
        }
        return found.map { UnsafeRawBufferPointer(start: $0, count: strlen($0)) }
    }

    /// What `CONTENT_LENGTH` announces; `nil` for anything but digits, also where it is empty.
    var contentLength: Int? {
        guard let digits = self["CONTENT_LENGTH"], !digits.isEmpty, digits.count <= 18 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    /// Walks `NAME=VALUE` entries.
    public struct Iterator: IteratorProtocol {
        private var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

        fileprivate init(next entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) { self.entry = entry }

        /// The next pair, or `nil` after the last.
        public mutating func next() -> Element? {
            guard let text = entry?.pointee else { return nil }
            entry = entry?.advanced(by: 1)
            guard let equals = strchr(text, Int32(UInt8(ascii: "="))) else { return next() }
            return (
                UnsafeRawBufferPointer(start: text, count: text.distance(to: equals)),
                UnsafeRawBufferPointer(start: equals + 1, count: strlen(equals + 1))
            )
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are exactly the bytes of `text`.
    public func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount, let baseAddress else { return count == 0 && text.utf8CodeUnitCount == 0 }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }
}
