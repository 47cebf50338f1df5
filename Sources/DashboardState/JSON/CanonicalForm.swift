/// The JSON Canonicalization Scheme, RFC 8785: one byte sequence for all spellings of a value.
///
/// Its memory is used again for each value.
public final class CanonicalForm {
    private var recorder = CanonicalRecorder()

    /// Makes a converter.
    public init() {}

    /// The canonical form of a value. The bytes are valid until the next one is made.
    /// - Parameter value: JSON that ``SaveBody/parse(_:_:)`` has accepted.
    /// - Throws: ``CanonicalError`` where there is none.
    public func bytes(of value: UnsafeRawBufferPointer) throws(CanonicalError) -> UnsafeRawBufferPointer {
        var scanner = JSONScanner(value)
        scanner.skipSpace()
        do throws(BodyError) {
            try make(&scanner, depth: 0)
        } catch {
            preconditionFailure("not a JSON value")
        }
        return try made()
    }

    /// Makes the canonical form of the value that is next, which is checked by the way.
    /// - Parameter depth: how many objects and arrays it lies in.
    /// - Throws: what is wrong with the value.
    func make(_ scanner: inout JSONScanner, depth: Int) throws(BodyError) {
        recorder.begin(scanner.base, end: scanner.end, at: scanner.at)
        try scanner.passValue(depth: depth, &recorder)
        recorder.finish(at: scanner.at)
    }

    /// The form that was made last, valid until the next one is.
    /// - Throws: ``CanonicalError`` where there was none.
    public func made() throws(CanonicalError) -> UnsafeRawBufferPointer {
        if let failure = recorder.failure { throw failure }
        return recorder.output.bytes
    }
}
