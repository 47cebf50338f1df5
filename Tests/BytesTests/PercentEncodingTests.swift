import Bytes
import Testing

struct PercentEncodingTests {
    @Test func digitsOfEitherCaseStandForBytes() {
        #expect(PercentEncoding.decoded("") == [])
        #expect(PercentEncoding.decoded("a+b c") == Array("a+b c".utf8))
        #expect(PercentEncoding.decoded("%41%7e%7E%00%ff") == [0x41, 0x7E, 0x7E, 0, 0xFF])
        #expect(PercentEncoding.decoded("%2541") == Array("%41".utf8), "once")
        #expect(PercentEncoding.decoded("ä") == Array("ä".utf8), "what is not encoded stays")
    }

    @Test func everyByteComesBack() {
        for byte in UInt8.min...UInt8.max {
            let digits = [Hex.uppercase(byte >> 4), Hex.lowercase(byte & 15)]
            #expect(PercentEncoding.decoded("%\(String(decoding: digits, as: UTF8.self))") == [byte])
        }
    }

    @Test(arguments: ["%", "a%", "%4", "%4%31", "%g0", "%0g", "%-1", "% 1", "%%", "%ä"])
    func twoDigitsMustFollow(_ text: String) {
        #expect(PercentEncoding.decoded(text[...]) == nil)
        #expect(PercentEncoding.decodedText(text[...]) == nil)
    }

    @Test func aTextIsUTF8() {
        #expect(PercentEncoding.decodedText("z%C3%A4h") == "zäh")
        #expect(PercentEncoding.decodedText("%C3") == nil)
        #expect(PercentEncoding.decodedText("%ED%A0%80") == nil, "half a pair")
    }
}
