import Bytes
import Testing

struct TextTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (-10, "-10"), (Int.max, "9223372036854775807"), (Int.min, "-9223372036854775808"),
    ])
    func numbersInDecimal(number: Int, text: String) {
        var bytes: [UInt8] = []
        bytes.append("n=")
        bytes.append(decimal: number)
        #expect(String(decoding: bytes, as: UTF8.self) == "n=" + text)
    }
}
