/// The JSON Canonicalization Scheme, RFC 8785: one byte sequence for all spellings of a value, to be hashed or signed.
///
/// ```swift
/// import CanonicalJSON
///
/// let form = CanonicalForm()
/// let bytes = try form.bytes(of: Array(#"{"b": 1.0, "a": "\u20ac"}"#.utf8))
/// print(String(decoding: bytes, as: UTF8.self))  // {"a":"€","b":1}
///
/// do {
///     _ = try form.bytes(of: Array("[1,]".utf8))
/// } catch {
///     print(error)  // it is not JSON: unexpected character, at byte 3
/// }
/// ```
///
/// Texts are read in one pass, whatever the order of their members; nothing but a text's size and nesting (128 deep) is
/// limited. Memory is used again for each value, so one converter is one thread's.
public final class CanonicalForm {
    /// In bytes. A form can be some four times as long as its text, and has to be shorter than 4 GiB.
    private static let longestText = 512 << 20

    private var recorder = CanonicalRecorder()

    /// Makes a converter.
    public init() {}

    /// The canonical form of a JSON text.
    /// - Throws: ``CanonicalError`` where it is none, or has no such form.
    public func bytes(of text: [UInt8]) throws(CanonicalError) -> [UInt8] {
        try bytes(of: text.span.bytes).copied
    }

    /// The canonical form of a JSON text: a view on the converter's memory, in which the next one is made.
    ///
    /// Not for others: the compiler sees to it that the view does not outlive the converter, and not that it is done with
    /// before the next form is made, which may move the memory.
    /// - Throws: ``CanonicalError`` where it is none, or has no such form.
    @_lifetime(borrow self)
    package func bytes(of text: RawSpan) throws(CanonicalError) -> RawSpan {
        do throws(JSONError) {
            try text.withUnsafeBytes { text throws(JSONError) in
                var scanner = JSONScanner(text)
                try scanner.start()
                try make(&scanner, depth: 0)
                try scanner.finish()
            }
        } catch {
            throw .notJSON(error)
        }
        return try made()
    }

    /// Makes the canonical form of the value that is next, which is checked by the way.
    /// - Parameter depth: how many objects and arrays it lies in.
    /// - Throws: what is wrong with the value.
    package func make(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) {
        recorder.begin(scanner.base, end: scanner.end, at: scanner.at)
        guard scanner.end <= Self.longestText else {
            recorder.fail(.tooLong)
            return try scanner.passValue(depth: depth)
        }
        try scanner.passValue(depth: depth, &recorder)
        recorder.finish(at: scanner.at)
    }

    /// The form that was made last: a view on the converter's memory, in which the next one is made.
    /// - Throws: ``CanonicalError`` where there was none.
    @_lifetime(borrow self)
    package func made() throws(CanonicalError) -> RawSpan {
        if let failure = recorder.failure { throw failure }
        return _overrideLifetime(RawSpan(_unsafeBytes: recorder.output.bytes), borrowing: self)
    }
}
