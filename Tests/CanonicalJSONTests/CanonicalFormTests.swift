import SwiftSupport
import Testing

@testable import CanonicalJSON

struct CanonicalFormTests {
    private let form = CanonicalForm()

    /// RFC 8785, sections 3.2.2 and 3.2.4.
    @Test func theSampleOfTheRFC() throws {
        let input = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try canonical(input) == expected)
    }

    /// RFC 8785, section 3.2.3.
    @Test func namesAreSortedByUTF16CodeUnits() throws {
        let input = #"""
            {"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
             "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}
            """#
        let expected =
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\","
            + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\","
            + "\"\u{FB33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        #expect(try canonical(input) == expected)
    }

    /// RFC 8785, appendix B: bits of a double and its spelling.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)]
    )
    func numbersOfTheRFC(bits: UInt64, spelling: String) {
        var target: [UInt8] = []
        JSONNumber.append(Double(bitPattern: bits), to: &target)
        #expect(String(decoding: target, as: UTF8.self) == spelling)
    }

    @Test func randomNumbersReadBackAsThemselves() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            var target: [UInt8] = []
            JSONNumber.append(value, to: &target)
            #expect(Double(String(decoding: target, as: UTF8.self)) == value)
        }
    }

    @Test func whatHasNoFormIsRefused() {
        #expect(throws: CanonicalError.numberOutOfRange) { try canonical(#"{"a":1e400}"#) }
        #expect(throws: CanonicalError.loneSurrogate) { try canonical(#"{"a":"\ud800"}"#) }
        #expect(throws: CanonicalError.loneSurrogate) { try canonical(#"{"a":"\ud800\u0041"}"#) }
        #expect(throws: CanonicalError.loneSurrogate) { try canonical(#"{"\udc00":1}"#) }
        #expect(throws: CanonicalError.duplicateName) { try canonical(#"{"a":1,"\u0061":2}"#) }
        #expect(throws: CanonicalError.duplicateName) { try canonical(#"{"x":{"b":1,"a":1,"b":1}}"#) }
    }

    @Test(
        arguments: [
            ("", JSONError.syntax(.empty, offset: 0)), (" ", .syntax(.empty, offset: 0)),
            ("\u{FEFF}1", .syntax(.byteOrderMark, offset: 0)), ("1 2", .syntax(.trailingBytes, offset: 2)),
            ("[1,]", .syntax(.unexpectedByte, offset: 3)), ("[1", .syntax(.unexpectedEnd, offset: 2)),
            (#""\ud8"#, .syntax(.unexpectedEnd, offset: 5)), ("01", .syntax(.invalidNumber, offset: 0)),
            ("nul", .syntax(.unexpectedEnd, offset: 3)), (#"{"a"}"#, .syntax(.expectedColon, offset: 4)),
            (String(repeating: "[", count: 129), .tooDeep(offset: 128)),
        ]
    )
    func whatIsNotJSONIsTold(text: String, error: JSONError) {
        #expect(throws: CanonicalError.notJSON(error)) { try canonical(text) }
        #expect(CanonicalError.notJSON(error).description.contains("not JSON"))
    }

    @Test(arguments: [("7", "7"), (" -0.0 ", "0"), (#""\u00e9""#, "\"é\""), ("[ ]", "[]"), ("null", "null")])
    func anyValueHasAForm(text: String, form: String) throws { #expect(try canonical(text) == form) }

    /// As in the documentation.
    @Test func theExampleIsTrue() throws {
        let bytes = try form.bytes(of: Array(#"{"b": 1.0, "a": "\u20ac"}"#.utf8))
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"a":"€","b":1}"#)
        let error = #expect(throws: CanonicalError.self) { try form.bytes(of: Array("[1,]".utf8)) }
        #expect(error?.description == "it is not JSON: unexpected character, at byte 3")
    }

    @Test func allSpellingsOfAValueHaveOneForm() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let value = RandomJSON.object(depth: 3, using: &random)
            let one = try canonical(value.spelled(using: &random))
            let other = try canonical(value.spelled(using: &random))
            #expect(one == other)
            #expect(try canonical(one) == one)
        }
    }

    /// A handful of members is sorted in another way than many are.
    @Test(arguments: [2, 3, 23, 24, 25, 60])
    func membersAreSortedHoweverManyThereAre(count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<50 {
            // Some names differ within the first eight bytes, others only beyond, or by being shorter.
            let names = (0..<count).map {
                $0 % 3 == 0 ? "n\($0)" : $0 % 3 == 1 ? "the same\($0)" : "the same beginning \($0)"
            }
            var members = names.map { #""\#($0)":{"b":1,"a":"\#($0)"}"# }
            members.shuffle(using: &random)
            let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let wanted = sorted.map { #""\#($0)":{"a":"\#($0)","b":1}"# }.joined(separator: ",")
            let text = "{" + members.joined(separator: ",") + "}"
            #expect(try canonical(text) == "{" + wanted + "}")
            let escaped = text.replacing(#""the same"#, with: #""\u0074he same"#)
            #expect(try canonical(escaped) == "{" + wanted + "}")
            let name = names[Int(random.next() % UInt64(count))]
            #expect(throws: CanonicalError.duplicateName) {
                try canonical(
                    "{" + (members + [#""\#(name)":0"#]).shuffled(using: &random).joined(separator: ",") + "}"
                )
            }
        }
    }

    /// Sorting copies each object once a level: a body of the largest size must not take minutes.
    @Test func deepAndWideObjectsAreNoProblem() throws {
        let wide = (0..<40_000).map { "\"k\(40_000 - $0)\":\($0)" }.joined(separator: ",")
        let text = String(repeating: #"{"b":1,"a":"#, count: 100) + "{\(wide)}" + String(repeating: "}", count: 100)
        #expect(try canonical(text).utf8.count == text.utf8.count)
        // With the memory of a few members again.
        #expect(try canonical(#"{"b":1,"a":2}"#) == #"{"a":2,"b":1}"#)
    }

    private func canonical(_ text: String) throws -> String {
        String(decoding: try form.bytes(of: Array(text.utf8)), as: UTF8.self)
    }
}
