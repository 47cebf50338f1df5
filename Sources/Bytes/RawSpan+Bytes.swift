/// What requests and replies are read by: views that cannot be kept, since the compiler knows how long their bytes live.
extension RawSpan {
    /// A view on memory that lives as long as `owner`, or as the view that it is given as.
    @inlinable @inline(__always) @_lifetime(copy owner)
    package init<Owner: ~Copyable & ~Escapable>(_ bytes: UnsafeRawBufferPointer, in owner: borrowing Owner) {
        self = _overrideLifetime(RawSpan(_unsafeBytes: bytes), copying: owner)
    }

    /// The same, or no bytes where there is no view.
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
