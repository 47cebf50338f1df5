/// What requests and replies are read by: views that cannot be kept, since the compiler knows how long their bytes live.
extension RawSpan {
    /// A view on bytes that lie in the memory of another view, and live as long.
    ///
    /// Of a view alone: of a class or an array, the compiler would take it for one that can be kept for ever.
    @inlinable @inline(__always) @_lifetime(copy view)
    package init(_ bytes: UnsafeRawBufferPointer, in view: RawSpan) {
        self = _overrideLifetime(RawSpan(_unsafeBytes: bytes), copying: view)
    }

    /// A view, or no bytes where there is none.
    @inlinable @inline(__always) @_lifetime(copy view)
    package init(orEmpty view: RawSpan?) {
        if let view { self = view } else { self = RawSpan() }
    }

    /// Whether these are exactly the bytes of a literal.
    @inlinable @inline(__always)
    package func equals(_ text: StaticString) -> Bool { withUnsafeBytes { $0.equals(text) } }

    /// The bytes of a range, which must be among these.
    @inlinable @inline(__always)
    package subscript(range: Range<Int>) -> RawSpan {
        @_lifetime(copy self) get { extracting(range) }
    }

    /// The bytes of a range, where there is one, which must be among these.
    @inlinable @inline(__always)
    package subscript(range: Range<Int>?) -> RawSpan? {
        @_lifetime(copy self)
        get {
            guard let range else { return nil }
            return extracting(range)
        }
    }

    /// A copy, which can be kept.
    package var copied: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}
