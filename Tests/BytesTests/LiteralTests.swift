import Bytes
import Testing

struct LiteralTests {
    @Test func onlyTheVeryBytesAreEqual() {
        let text: StaticString = "0123456789abcdefg"
        let bytes = Array("0123456789abcdefg".utf8)
        #expect(bytes.withUnsafeBytes { $0.equals(text) })
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x80
            #expect(!other.withUnsafeBytes { $0.equals(text) })
            #expect(!bytes[..<index].withUnsafeBytes { $0.equals(text) })
        }
        #expect(!(bytes + [0]).withUnsafeBytes { $0.equals(text) })
        #expect(UnsafeRawBufferPointer(start: nil, count: 0).equals(""))
        #expect(!UnsafeRawBufferPointer(start: nil, count: 0).equals("a"))
    }
}
