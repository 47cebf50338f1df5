/// What requests and replies are read by: views that cannot be kept, since the compiler knows how long their bytes live.
extension RawSpan {
    /// A view on memory that lives as long as `owner`, or as the view that it is given as.
    @inlinable @inline(__always) @_lifetime(copy owner)
    package init<Owner: ~Copyable & ~Escapable>(_ bytes: UnsafeRawBufferPointer, in owner: borrowing Owner) {
        self = _overrideLifetime(RawSpan(_unsafeBytes: bytes), copying: owner)
    }

    /// Whether these are exactly the bytes of a literal.
    @inlinable @inline(__always)
    package func equals(_ text: StaticString) -> Bool { withUnsafeBytes { $0.equals(text) } }

    /// The bytes of a range, which must be among these.
    @inlinable @inline(__always)
    package subscript(range: Range<Int>) -> RawSpan {
        @_lifetime(copy self) get { extracting(range) }
    }

    /// A copy, which can be kept.
    package var copied: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}
