/// What `If-Match` or `If-None-Match` asks for.
///
/// Weak tags (`W/"…"`) count like strong ones: a proxy that compresses an answer weakens its tag, and that must not
/// lock anybody out of saving. Source: RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2.
public enum Precondition: Equatable, Sendable {
    /// The field was not sent.
    case none
    /// `*`: any document.
    case any
    /// One of these entity tags, as `,a,b,`. Tags that no document can have are left out.
    case tags([UInt8])

    /// A field value that is neither `*` nor a list of entity tags.
    public struct Malformed: Error, Equatable, Sendable {}

    /// Reads a field's value; `nil` is a field that was not sent.
    public init(_ value: RawSpan?) throws(Malformed) {
        guard let value else {
            self = .none
            return
        }
        self = try value.withUnsafeBytes { bytes throws(Malformed) in try Precondition(bytes) }
    }

    private init(_ value: UnsafeRawBufferPointer) throws(Malformed) {
        var rest = value[...]
        rest.skipBlanks()
        if rest.first == UInt8(ascii: "*") {
            rest.removeFirst()
            rest.skipBlanks()
            guard rest.isEmpty else { throw Malformed() }
            self = .any
            return
        }
        var tags = [UInt8(ascii: ",")]
        var count = 0
        while !rest.isEmpty {
            // Empty elements of a list are ignored (RFC 9110, section 5.6.1).
            if rest.first == UInt8(ascii: ",") {
                rest.removeFirst()
            } else {
                let tag = try Self.takeTag(&rest)
                count += 1
                if EntityTag.isPossible(UnsafeRawBufferPointer(rebasing: tag)) {
                    tags.append(contentsOf: tag)
                    tags.append(UInt8(ascii: ","))
                }
            }
            rest.skipBlanks()
        }
        guard count > 0 else { throw Malformed() }
        self = .tags(tags)
    }

    /// Takes `"…"` or `W/"…"` and, behind it, blanks up to a comma or the end.
    private static func takeTag(
        _ rest: inout Slice<UnsafeRawBufferPointer>
    ) throws(Malformed) -> Slice<UnsafeRawBufferPointer> {
        if rest.count >= 2, rest[rest.startIndex] == UInt8(ascii: "W"), rest[rest.startIndex + 1] == UInt8(ascii: "/") {
            rest.removeFirst(2)
        }
        guard rest.popFirst() == UInt8(ascii: "\""), let end = rest.firstIndex(of: UInt8(ascii: "\"")) else {
            throw Malformed()
        }
        let tag = rest[..<end]
        rest = rest[(end + 1)...]
        rest.skipBlanks()
        guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { throw Malformed() }
        return tag
    }

    /// The form in which the scripts take it.
    public var argument: [UInt8] {
        switch self {
        case .none: []
        case .any: [UInt8(ascii: "*")]
        case .tags(let tags): tags
        }
    }

    /// Whether a document with this tag is among those asked for; false for ``none``.
    public func includes(_ tag: RawSpan) -> Bool {
        switch self {
        case .none: false
        case .any: true
        case .tags(let tags):
            tag.withUnsafeBytes { tag in
                tags.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(tag) }
            }
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate mutating func skipBlanks() {
        while let byte = first, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { removeFirst() }
    }
}
