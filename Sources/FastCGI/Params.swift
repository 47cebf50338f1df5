import Glibc

/// The parameters of one request that a program looks at (`REQUEST_METHOD`, `REMOTE_USER`, `HTTP_IF_MATCH`, …), each
/// under the index that its name has in ``ParamNames``.
///
/// A view on memory of libfcgi's or of the process's environment, which the compiler lets nobody keep. Of a name that a
/// web server sends twice the last value is here, as in PHP, an empty one too; of a list all of them.
public struct Params: ~Escapable {
    /// A value for each name; without an address where it was not sent.
    @usableFromInline let values: UnsafeBufferPointer<UnsafeRawBufferPointer>
    private let indexOfContentLength: Int

    @_lifetime(borrow values)
    init(_ values: borrowing UnsafeBufferPointer<UnsafeRawBufferPointer>, _ names: borrowing ParamNames) {
        self.values = copy values
        indexOfContentLength = names.contentLength
    }

    /// The value of the parameter whose name has this index, without a terminator; `nil` where it was not sent.
    ///
    /// Inlined, since a request is asked for a dozen of them.
    public subscript(index: Int) -> RawSpan? {
        @inlinable @inline(__always) @_lifetime(copy self)
        get {
            precondition(values.indices.contains(index), "a parameter that was not asked for")
            let value = values[index]
            guard value.baseAddress != nil else { return nil }
            return _overrideLifetime(RawSpan(_unsafeBytes: value), copying: self)
        }
    }

    /// What `CONTENT_LENGTH` announces.
    var contentLength: AnnouncedLength { AnnouncedLength(self[indexOfContentLength]) }

    /// Finds the parameters among `NAME=VALUE` strings, as the environment holds them.
    /// - Parameter entries: ends with a null pointer.
    static func withEntries<Result>(
        _ entries: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
        _ names: ParamNames,
        _ body: (Params) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: names.count) { values in
            values.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0))
            names.withLookup { names in
                var next = entries
                while let text = next?.pointee {
                    next = next?.advanced(by: 1)
                    guard let equals = strchr(text, Int32(UInt8(ascii: "="))), equals > text,
                        let index = names.index(of: text, text.distance(to: equals))
                    else { continue }
                    values[index] = UnsafeRawBufferPointer(start: equals + 1, count: strlen(equals + 1))
                }
            }
            return body(Params(UnsafeBufferPointer(values), names))
        }
    }
}
