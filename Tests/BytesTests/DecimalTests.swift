import Bytes
import Testing

struct DecimalTests {
    @Test(
        arguments: [
            (0, "0"), (7, "7"), (9, "9"), (10, "10"), (-10, "-10"), (99, "99"), (1_000_000_000, "1000000000"),
            (999_999_999_999_999_999, "999999999999999999"), (1_000_000_000_000_000_000, "1000000000000000000"),
            (Int.max, "9223372036854775807"), (Int.min, "-9223372036854775808"), (Int.min + 1, "-9223372036854775807"),
        ]
    )
    func numbersAreWrittenAndRead(number: Int, text: String) {
        var bytes: [UInt8] = []
        bytes.append("n=")
        bytes.append(decimal: number)
        #expect(String(decoding: bytes, as: UTF8.self) == "n=" + text)
        #expect(parse(text) == (number < 0 ? nil : number) && parse(signed: text) == number)
        #expect(number < 0 || parse(signed: "+" + text) == number && parse("000" + text) == number)
    }

    @Test(
        arguments: [
            "", "-", "+", "--1", "+-1", "1-", " 1", "1 ", "0x1", "1.0", "１", "9223372036854775808",
            "-9223372036854775809", "99999999999999999999",
        ]
    )
    func whatIsNoNumberIsNone(text: String) { #expect(parse(text) == nil && parse(signed: text) == nil) }

    @Test func randomNumbersComeBack() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<10_000 {
            let number = Int(truncatingIfNeeded: random.next() >> UInt64.random(in: 1..<64))
            var bytes: [UInt8] = []
            bytes.append(decimal: number)
            #expect(
                bytes.count == Decimal.digitCount(number) && parse(String(decoding: bytes, as: UTF8.self)) == number
            )
        }
    }

    private func parse(_ text: String) -> Int? { Array(text.utf8).withUnsafeBytes { Decimal.parse($0) } }
    private func parse(signed text: String) -> Int? { Array(text.utf8).withUnsafeBytes { Decimal.parse(signed: $0) } }
}
