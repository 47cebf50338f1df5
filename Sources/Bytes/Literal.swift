extension UnsafeRawBufferPointer {
    /// Whether these are exactly the bytes of a literal.
    @inlinable @inline(__always)
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        var at = 0
        let other = UnsafeRawPointer(text.utf8Start)
        while at + 8 <= count {
            let word = loadUnaligned(fromByteOffset: at, as: UInt64.self)
            guard word == other.loadUnaligned(fromByteOffset: at, as: UInt64.self) else { return false }
            at += 8
        }
        while at < count {
            guard self[at] == other.load(fromByteOffset: at, as: UInt8.self) else { return false }
            at += 1
        }
        return true
    }
}
