extension Collection<UInt8> {
    /// Lends these bytes as a view.
    public func withSpan<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        let bytes = Array(self)
        return try body(bytes.span.bytes)
    }
}
