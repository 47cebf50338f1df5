import SwiftSupport
import Testing

@testable import CanonicalJSON
@testable import DashboardState

struct SaveBodyTests {
    @Test func membersAreFoundWhereverTheyStand() throws {
        let text =
            #" { "state" : {"a":[1,"}"]} , "x":null,"checksum":"ab", "lastModified":"2026-01-01T00:00:00Z","version":7 } "#
        let body = try parse(text)
        #expect(body.version == 7)
        #expect(slice(text, body.state) == #"{"a":[1,"}"]}"#)
        #expect(body.checksum.map { slice(text, $0) } == "ab")
        #expect(body.lastModified == Timestamp(milliseconds: 1_767_225_600_000))
    }

    @Test func escapesInNamesMakeNoDifference() throws {
        let body = try parse(#"{"\u0076ersion":1,"st\u0061te":{}}"#)
        #expect(body.version == 1)
        #expect(throws: BodyError.duplicateMember(offset: 13)) {
            try parse(#"{"version":1,"\u0076ersion":1,"state":{}}"#)
        }
    }

    @Test(arguments: ["0", "1", "9007199254740991"])
    func versionsInRangeAreAccepted(version: String) throws {
        #expect(try parse(#"{"version":\#(version),"state":{}}"#).version == Int64(version))
    }

    @Test(
        arguments: [
            "-1", "-0", "1.0", "1e2", "9007199254740992", "99999999999999999999", "\"1\"", "null", "true", "[]",
        ]
    )
    func otherVersionsAreRefused(version: String) {
        #expect(throws: BodyError.invalid(.version)) { try parse(#"{"version":\#(version),"state":{}}"#) }
    }

    @Test(
        arguments: [
            (#"{"version":1,"state":[]}"#, BodyError.invalid(.state)),
            (#"{"version":1,"state":"{}"}"#, .invalid(.state)),
            (#"{"version":1,"state":null}"#, .invalid(.state)),
            (#"{"version":1}"#, .missing(.state)),
            (#"{"state":{}}"#, .missing(.version)),
            (#"{"version":1,"state":{},"checksum":7}"#, .invalid(.checksum)),
            (#"{"version":1,"state":{},"checksum":null}"#, .invalid(.checksum)),
            (#"{"version":1,"state":{},"lastModified":1}"#, .invalid(.lastModified)),
            (#"{"version":1,"state":{},"ancestry":1}"#, .invalid(.ancestry)),
            (#"{"version":1,"state":{},"ancestry":"a b"}"#, .invalid(.ancestry)),
            (#"{"version":1,"state":{},"ancestry":"a\\b"}"#, .invalid(.ancestry)),
            (#"{"version":1,"state":{},"ancestry":"ä"}"#, .invalid(.ancestry)),
            ("{\"version\":1,\"state\":{},\"ancestry\":\"\(String(repeating: "a", count: 65))\"}", .invalid(.ancestry)),
            (#"{"version":1,"state":{},"lastModified":"today"}"#, .invalid(.lastModified)),
            (#"{"version":1,"state":{},"state":{}}"#, .duplicateMember(offset: 24)),
            (#"{"version":1,"state":{},"x":1,"x":1}"#, .duplicateMember(offset: 30)),
            ("[]", .notAnObject), ("7", .notAnObject), ("null", .notAnObject),
            ("", .syntax(.empty, offset: 0)), ("  ", .syntax(.empty, offset: 0)),
            ("\u{FEFF}{}", .syntax(.byteOrderMark, offset: 0)),
            (#"{"version":1,"state":{}} x"#, .syntax(.trailingBytes, offset: 25)),
            (#"{"version":01,"state":{}}"#, .syntax(.invalidNumber, offset: 11)),
        ]
    )
    func whatIsWrongIsNamed(text: String, error: BodyError) {
        #expect(throws: error) { try parse(text) }
        #expect(!error.detail.isEmpty)
    }

    @Test(
        arguments: [
            "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "tru", "True", "nul", "-",
            "+1", ".5", "5.", "1e", "1e+", "0x1", "NaN", "Infinity", "--1", "1.2.3", "\"", "\"\\\"", "\"\\x\"",
            "\"\\u12\"", "\"\\u12g4\"", "\"\t\"", "\"\n\"", "\"\0\"", "[", "{", "]", "}", "[1}", "{\"a\":1]", "//",
            "1//",
        ]
    )
    func malformedValuesAreRefused(value: String) {
        #expect(throws: BodyError.self) { try parse(#"{"version":1,"state":{"v":\#(value)}}"#) }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xE2, 0x82], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]]
    )
    func whatIsNotUTF8IsRefused(bytes: [UInt8]) {
        for padding in 0..<9 {
            let body =
                Array(#"{"version":1,"state":{"v":""#.utf8) + [UInt8](repeating: 0x61, count: padding) + bytes
                + Array(#""}}"#.utf8)
            #expect(throws: BodyError.self) { try body.withSpan { try SaveBody.parse($0) } }
        }
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> String {
            #"{"version":1,"state":{"v":"# + String(repeating: "[", count: depth - 2)
                + String(repeating: "]", count: depth - 2) + "}}"
        }
        #expect(try parse(nested(128)).version == 1)
        #expect(throws: BodyError.tooDeep(offset: 152)) { try parse(nested(129)) }
        #expect(throws: BodyError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func everyTruncationIsRefused() {
        let text = #"{"version":12,"state":{"a":[1.5e3,true,null,"ü\u00e9\n🙂"],"b":{}},"checksum":"ab"}"#
        for length in 0..<text.utf8.count {
            let bytes = Array(text.utf8.prefix(length))
            #expect(throws: BodyError.self) { try bytes.withSpan { try SaveBody.parse($0) } }
        }
    }

    @Test func manyUnknownMembersAreNoProblem() throws {
        let members = (0..<50_000).map { "\"m\($0)\":0" }.joined(separator: ",")
        #expect(try parse("{\(members),\"version\":1,\"state\":{}}").version == 1)
    }

    /// What is said to be canonical must be; the reverse is not promised.
    @Test(
        arguments: [
            ("{}", true), (#"{"a":1,"b":[true,"x"],"c":{"d":0.25}}"#, true), (#"{"a":"\n\u001f\"\\"}"#, true),
            (#"{"a":-1.5,"b":100,"ü":"🙂"}"#, true), (#"{"b":1,"a":1}"#, false), (#"{"a":1,"a":1}"#, false),
            (#"{ "a":1}"#, false), (#"{"a":1.0}"#, false), (#"{"a":1e2}"#, false), (#"{"a":-0}"#, false),
            (#"{"a":0.0000001}"#, false), (#"{"a":"\u0041"}"#, false), (#"{"a":"\/"}"#, false),
            (#"{"a":"\u001F"}"#, false), (#"{"a":"\u000a"}"#, false), (#"{"a":1234567890123456}"#, false),
            ("{\"\u{FB33}\":1,\"😀\":1}", false), ("{\"😀\":1,\"\u{FB33}\":1}", true), (#"{"a":0.0}"#, false),
            // Names are compared by their first eight bytes where these tell.
            (#"{"abcdefgh":1,"abcdefghi":2}"#, true), (#"{"abcdefghi":1,"abcdefgh":2}"#, false),
            (#"{"abcdefgh0":1,"abcdefgh1":2}"#, true), (#"{"abcdefgh1":1,"abcdefgh0":2}"#, false),
            (#"{"ab":1,"abcdefghij":2,"b":3}"#, true), (#"{"b":1,"abcdefghij":2}"#, false),
            (#"{"abcdefgh":1,"abcdefgh":2}"#, false), (#"{"z":1,"ü":2}"#, true), (#"{"ü":1,"z":2}"#, false),
            (#"{"":1,"a":2}"#, true), (#"{"a":1,"":2}"#, false), (#"{"":1,"":2}"#, false),
            (#"{"a":{"b":1},"b":{"a":1}}"#, true), (#"{"a":[{"b":1,"c":2},{"a":1}],"b":0}"#, true),
            (#"{"a":[{"b":1,"c":2},{"c":1,"a":1}],"b":0}"#, false), (#"{"a":1,"b":-12,"c":0}"#, true),
            (#"{"a":0.5,"b":10.25,"c":-0.000001}"#, true), (#"{"a":0.10}"#, false), (#"{"a":-0.0}"#, false),
        ]
    )
    func canonicalStatesAreRecognised(state: String, isCanonical: Bool) throws {
        #expect(try parse(#"{ "version":1,"state":\#(state) }"#).stateForm == (isCanonical ? .own : .unknown))
    }

    /// A state that is saved again as it was read is not made canonical a second time.
    @Test func canonicalFormsAreRecognised() throws {
        var random = SeededGenerator(seed: 5)
        let form = CanonicalForm()
        var recognised = 0
        for _ in 0..<2000 {
            let text = Array(RandomJSON.object(depth: 3, using: &random).spelled(using: &random).utf8)
            let state = String(decoding: try form.bytes(of: text), as: UTF8.self)
            // Names that hold escapes, and numbers of more than 15 digits, are more than one look tells.
            let isPlain =
                !state.contains("\\") && !state.contains("e+") && !state.contains("e-")
                && state.split { !$0.isNumber && $0 != "." }.allSatisfy { $0.filter(\.isNumber).count <= 15 }
            guard isPlain else { continue }
            recognised += 1
            #expect(try parse(#"{"version":1,"state":\#(state)}"#).stateForm == .own, "\(state)")
        }
        #expect(recognised > 100)
    }

    @Test func mutationsDoNoHarm() {
        var random = SeededGenerator(seed: 1)
        let form = CanonicalForm()
        let seed = Array(#"{"version":12,"state":{"a":[1.5e3,true,"ü\u00e9🙂"],"b":{"\ud83d\ude00":-0.1}}}"#.utf8)
        for _ in 0..<100_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let body = try? SaveBody.parse(bytes.span.bytes) else { continue }
            let state = Array(bytes[body.state])
            guard let canonical = try? form.bytes(of: state) else {
                #expect(body.stateForm != .own)
                continue
            }
            #expect(body.stateForm != .own || canonical == state)
        }
    }

    /// The form comes out of the same pass where there is a checksum, wherever that stands.
    @Test(
        arguments: [
            (#"{"version":1,"checksum":"x","state":@}"#, true), (#"{"checksum":"x","state":@,"version":1}"#, true),
            (#"{"version":1,"state":@,"checksum":"x"}"#, true), (#"{"state": @ ,"checksum":"x","version":1}"#, true),
            (#"{"version":1,"state":@}"#, false), (#"{"version":1,"state":@,"Checksum":"x"}"#, false),
            (#"{"version":1,"state":@,"checksum":"x","more":"\#(String(repeating: "y", count: 300))"}"#, false),
        ]
    )
    func theFormIsMadeByTheWay(template: String, isMade: Bool) throws {
        let form = CanonicalForm()
        let other = CanonicalForm()
        for state in [
            #"{"b":1,"a":2}"#, #"{"a":1,"b":[ 2.0 ,{"d":"\u00e9","c":[]}],"c":1}"#,
            #"{"a":{},"b":{"z":{"y":1,"x":{}}}}"#,
            #"{"a":1.0}"#, #"{ }"#, #"{"a":"\/"}"#,
        ] {
            let text = template.replacing("@", with: state)
            let made = try Array(text.utf8).withSpan { bytes in
                let body = try SaveBody.parse(bytes, form)
                #expect(body.stateForm == (isMade ? .made : .unknown))
                return isMade ? try form.made().withUnsafeBytes { Array($0) } : []
            }
            let wanted = try other.bytes(of: Array(state.utf8))
            #expect(made == (isMade ? wanted : []))
        }
        let text = template.replacing("@", with: #"{"a":[1,{"b":2}],"b":0.5}"#)
        #expect(try Array(text.utf8).withSpan { try SaveBody.parse($0, form).stateForm } == .own)
    }

    /// Whether the form is made by the way changes nothing about what a body is taken for.
    @Test func aBodyIsTheSameWithItsForm() throws {
        var random = SeededGenerator(seed: 21)
        let form = CanonicalForm()
        let other = CanonicalForm()
        func outcome(_ bytes: RawSpan, _ form: CanonicalForm?) -> Result<SaveBody, BodyError> {
            Result { () throws(BodyError) in try SaveBody.parse(bytes, form) }
        }
        func made(_ form: CanonicalForm) throws(CanonicalError) -> [UInt8] {
            try form.made().withUnsafeBytes { [UInt8]($0) }
        }
        let others = Array(#"{}[]",:\u0123456789-.eE aA"#.utf8)
        var count = 0
        for _ in 0..<3000 {
            let state = RandomJSON.object(depth: 3, using: &random).spelled(using: &random)
            let text = Array(#"{"version":1,"checksum":"0","state":\#(state)}"#.utf8)
            for changes in 0..<4 {
                var bytes = text
                for _ in 0..<changes {
                    let byte = others.randomElement(using: &random)!
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = byte
                }
                bytes.withSpan { bytes in
                    var (with, without) = (outcome(bytes, form), outcome(bytes, nil))
                    if case .success(var body) = with, body.stateForm == .made {
                        count += 1
                        let state = bytes.withUnsafeBytes { Array($0[body.state]) }
                        let byTheWay = Result { () throws(CanonicalError) in try made(form) }
                        #expect(byTheWay == Result { () throws(CanonicalError) in try other.bytes(of: state) })
                        body.stateForm = .unknown
                        with = .success(body)
                    }
                    #expect(with == without)
                }
            }
        }
        #expect(count > 3000)
    }

    @discardableResult
    private func parse(_ text: String) throws -> SaveBody {
        let bytes = Array(text.utf8)
        return try bytes.withSpan { try SaveBody.parse($0) }
    }

    private func slice(_ text: String, _ range: Range<Int>) -> String {
        String(decoding: Array(text.utf8)[range], as: UTF8.self)
    }
}
