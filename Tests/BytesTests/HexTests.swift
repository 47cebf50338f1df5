import Bytes
import Testing

struct HexTests {
    @Test func digitsStandForTheirValues() {
        let digits = Array("0123456789abcdef".utf8)
        let uppercase = Array("0123456789ABCDEF".utf8)
        for byte in UInt8.min...UInt8.max {
            let expected = digits.firstIndex(of: byte) ?? uppercase.firstIndex(of: byte)
            #expect(Hex.value(byte) == expected.map(UInt8.init) && Hex.isDigit(byte) == (expected != nil))
        }
        for value in UInt8(0)..<16 {
            #expect(Hex.lowercase(value) == digits[Int(value)] && Hex.uppercase(value) == uppercase[Int(value)])
        }
    }
}
