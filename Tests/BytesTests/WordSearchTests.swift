import Bytes
import Testing

struct WordSearchTests {
    private static let bytes: [UInt8] = [0x00, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]

    /// Each of these bytes before each other, at each place.
    @Test(arguments: bytes, bytes) func theFirstQuoteOrBackslashIsFound(one: UInt8, next: UInt8) {
        for place in 0..<7 {
            var text = [UInt8](repeating: 0x61, count: 8)
            text[place] = one
            text[place + 1] = next
            var word: UInt64 = 0
            for byte in text.reversed() { word = word << 8 | UInt64(byte) }
            let found = WordSearch.quotesAndBackslashes(word)
            let first: Int? = found == 0 ? nil : found.trailingZeroBitCount / 8
            #expect(first == text.firstIndex { $0 == 0x22 || $0 == 0x5C })
        }
    }
}
