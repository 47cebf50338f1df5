/// The order of members' names by their first eight bytes, in one comparison.
enum NameOrder {
    /// The first eight bytes of a name as a number that compares as they do; a shorter name counts as if it were filled
    /// up with NUL, which no name holds.
    /// - Parameters:
    ///   - word: eight bytes from the name's first on, the first one lowest; what lies behind a shorter name is ignored.
    ///   - length: of the name, in bytes.
    @inline(__always)
    static func key(_ word: UInt64, length: Int) -> UInt64 {
        guard length < 8 else { return word.byteSwapped }
        return (word & (1 &<< (8 &* UInt64(truncatingIfNeeded: length)) &- 1)).byteSwapped
    }

    /// Whether two keys that differ say which name comes first by UTF-16 code units. Bytes and code units are in one
    /// order unless both are beyond ASCII.
    @inline(__always)
    static func isDecisive(_ one: UInt64, _ other: UInt64) -> Bool { one & other & 0x8080_8080_8080_8080 == 0 }
}
