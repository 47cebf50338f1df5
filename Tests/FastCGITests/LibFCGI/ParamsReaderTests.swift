import SwiftSupport
import Testing

@testable import FastCGI

/// By libfcgi's reads being served from memory, and through a pipe where it reads otherwise.
@Suite(.serialized)
struct ParamsReaderTests {
    private static let names = ["REQUEST_METHOD", "REMOTE_USER", "LONG", "CONTENT_LENGTH"]
    private static let wanted = ParamNames(names.map { Array($0.utf8) })

    /// What is there, as `NAME=VALUE`.
    private func read(_ content: [UInt8], _ reader: ParamsReader) -> [String]? {
        content.withUnsafeBytes { content in
            guard let params = reader.read(content) else { return nil }
            return Self.names.indices.compactMap { index in
                params[index]?.withUnsafeBytes { "\(Self.names[index])=\(String(decoding: $0, as: UTF8.self))" }
            }
        }
    }

    @Test func theLibraryReadsFromMemory() throws {
        try LibFCGI.initialise()
        #expect(LibFCGIInput.isInPlace)
    }

    @Test(arguments: [false, true])
    func whatIsWantedIsRead(usesPipe: Bool) throws {
        let reader = try ParamsReader(Self.wanted, usesPipe: usesPipe)
        let long = String(repeating: "x", count: 60_000)
        for _ in 0..<3 {
            let params = [
                ("HTTP_COOKIE", "secret"), ("REMOTE_USER", "a"), ("LONG", long), ("REMOTE_USERS", "b"),
                ("CONTENT_LENGTH", "12"), ("REMOTE_USER", ""),
            ]
            let read = read(FastCGIRecords.pairs(params), reader)
            #expect(read == ["REMOTE_USER=", "LONG=\(long)", "CONTENT_LENGTH=12"])
            #expect(self.read([], reader) == [])
        }
    }

    @Test(arguments: [false, true])
    func theLastValueCounts(usesPipe: Bool) throws {
        let reader = try ParamsReader(Self.wanted, usesPipe: usesPipe)
        let content = FastCGIRecords.pairs([("REMOTE_USER", "first"), ("REMOTE_USER", "last"), ("CONTENT_LENGTH", "7")])
        #expect(read(content, reader) == ["REMOTE_USER=last", "CONTENT_LENGTH=7"])
        #expect(content.withUnsafeBytes { reader.read($0)?.contentLength } == .bytes(7))
    }

    /// Several fields of one name are one field with all their values (RFC 9110, section 5.2).
    @Test(arguments: [false, true])
    func ofListsAllValuesCount(usesPipe: Bool) throws {
        let names = ParamNames(Self.names.map { Array($0.utf8) }, lists: 2)
        let reader = try ParamsReader(names, usesPipe: usesPipe)
        let params = [
            ("REMOTE_USER", "a"), ("LONG", "x"), ("REMOTE_USER", ""), ("REQUEST_METHOD", "GET"), ("LONG", "y"),
            ("REMOTE_USER", "b, c"),
        ]
        let expected = ["REQUEST_METHOD=GET", "REMOTE_USER=a, , b, c", "LONG=y"]
        for _ in 0..<3 {
            #expect(read(FastCGIRecords.pairs(params), reader) == expected)
            #expect(read(FastCGIRecords.pairs([("REMOTE_USER", "z")]), reader) == ["REMOTE_USER=z"])
        }
        let many = [("REMOTE_USER", "a")] + [(String, String)](repeating: ("REMOTE_USER", ""), count: 5000)
        #expect(read(FastCGIRecords.pairs(many), reader) == ["REMOTE_USER=a" + String(repeating: ", ", count: 5000)])
    }

    @Test func lengthsAreNumbersOrMalformed() throws {
        let reader = try ParamsReader(Self.wanted)
        func length(_ text: String?) -> AnnouncedLength? {
            let content = FastCGIRecords.pairs(text.map { [("CONTENT_LENGTH", $0)] } ?? [])
            return content.withUnsafeBytes { reader.read($0)?.contentLength }
        }
        for text in [nil, "", "-1"] { #expect(length(text) == AnnouncedLength.none) }
        for (text, count) in [("0", 0), ("7", 7), ("0000000000000000000000000000012", 12), ("1048576", 1_048_576)] {
            #expect(length(text) == .bytes(count))
        }
        for text in ["99999999999999999999", "18446744073709551617", String(repeating: "9", count: 5000)] {
            #expect(try #require(length(text)?.bytes) > 1 << 40)
        }
        for text in ["-5", "-10", "+5", "5 ", " 5", "0x5", "5, 5", "five", "5.0", "1e3", "\u{663}"] {
            #expect(length(text) == .malformed)
        }
    }

    /// Each of these crashes libfcgi, or has it read something else than was sent.
    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0x01, 0x00, 0x00, 0x01], [0x00, 0x02, 0x41],
            [0x04, 0x03, 0x4C, 0x4F, 0x4E, 0x47, 0x41, 0x00, 0x42], [0x04, 0x04, 0x41, 0x42], [0x80, 0x00, 0x00],
            [0x01],
        ] as [[UInt8]]
    )
    func hostileParamsAreRefused(content: [UInt8]) throws {
        let reader = try ParamsReader(Self.wanted)
        #expect(read(content, reader) == nil)
        #expect(read(FastCGIRecords.pairs([("LONG", "x")]), reader) == ["LONG=x"])
    }

    @Test(arguments: [false, true])
    func anEmptyNameIsPassedOver(usesPipe: Bool) throws {
        let reader = try ParamsReader(Self.wanted, usesPipe: usesPipe)
        for value in ["", "x", String(repeating: "x", count: 300), "\0"] {
            let params = [("REMOTE_USER", "alice"), ("", value), ("LONG", "y"), ("", value)]
            #expect(read(FastCGIRecords.pairs(params), reader) == ["REMOTE_USER=alice", "LONG=y"])
            #expect(read(FastCGIRecords.pairs([("", value)]), reader) == [])
        }
    }

    /// libfcgi joins a name and its value with `=`, so this would pass for another user.
    @Test func aNameThatHoldsAnotherIsPassedOver() throws {
        let reader = try ParamsReader(Self.wanted)
        let content = FastCGIRecords.pairs([
            ("REMOTE_USER", "alice"), ("REMOTE_USER=victim", "x"), ("REMOTE_USER\0", "y"),
        ])
        #expect(read(content, reader) == ["REMOTE_USER=alice"])
    }

    /// Beside a reading that is plain to see: of each name the last value, whatever stands in between.
    @Test(arguments: [false, true])
    func anyListIsReadAsItIs(usesPipe: Bool) throws {
        var random = SeededGenerator(seed: 12)
        let reader = try ParamsReader(Self.wanted, usesPipe: usesPipe)
        let others = ["REMOTE_ADDR", "REMOTE_USERS", "L", "XONG", "LONH", "HTTP_COOKIE", "REQUEST_SCHEME"]
        for _ in 0..<2000 {
            let params = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                let name = (Self.names + others).randomElement(using: &random)!
                let length = [0, 1, 5, 127, 128, 300].randomElement(using: &random)!
                return (name, String((0..<length).map { _ in "ab=ü".randomElement(using: &random)! }))
            }
            let expected = Self.names.compactMap { name in
                params.last { $0.0 == name }.map { "\(name)=\($0.1)" }
            }
            #expect(read(FastCGIRecords.pairs(params), reader) == expected)
        }
    }

    @Test func randomBytesAreReadWithoutHarm() throws {
        var random = SeededGenerator(seed: 11)
        let reader = try ParamsReader(Self.wanted)
        let content = FastCGIRecords.pairs([
            ("REMOTE_USER", "alice"), ("X", "y"), ("LONG", String(repeating: "z", count: 200)),
        ])
        for _ in 0..<20_000 {
            var bytes = content
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = read(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))), reader)
        }
    }
}
