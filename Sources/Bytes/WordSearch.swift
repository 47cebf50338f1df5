/// Looks at eight bytes at a time.
package enum WordSearch {
    /// Has the top bit set in the lowest byte of `word` that is a quote or a backslash; 0 where there is none. Bits above
    /// the lowest that is set mean nothing, since a borrow may have got there.
    @inlinable @inline(__always)
    package static func quotesAndBackslashes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        return ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & 0x8080_8080_8080_8080
    }
}
