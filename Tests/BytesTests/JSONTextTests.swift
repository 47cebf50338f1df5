import Bytes
import Testing

struct JSONTextTests {
    @Test(
        arguments: [
            ("", #""""#), ("plain ü 😀", #""plain ü 😀""#), ("\"\\/", #""\"\\/""#),
            ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
            ("\u{0}a\u{1f}\u{b}", #""\u0000a\u001f\u000b""#), ("\u{7f}", "\"\u{7f}\""),
        ]
    )
    func stringsAreQuoted(text: String, json: String) {
        var bytes: [UInt8] = []
        bytes.append(quoted: text)
        #expect(String(decoding: bytes, as: UTF8.self) == json)
    }
}
