import TestSupport
import Testing

@testable import FastCGI

/// By libfcgi's reads being served from memory, and through a pipe where it reads otherwise.
@Suite(.serialized)
struct ParamsReaderTests {
    private static let wanted = WantedParams(["REQUEST_METHOD", "REMOTE_USER", "LONG"].map { Array($0.utf8) })

    private func read(_ content: [UInt8], _ reader: ParamsReader) -> [String]? {
        content.withUnsafeBytes { reader.read($0) }?.map { name, value in
            "\(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))"
        }
    }

    @Test func theLibraryReadsFromMemory() throws {
        try Library.initialise()
        #expect(LibraryInput.isInPlace)
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
            #expect(
                read == ["FCGI_ROLE=RESPONDER", "REMOTE_USER=a", "LONG=\(long)", "CONTENT_LENGTH=12", "REMOTE_USER="]
            )
            #expect(self.read([], reader) == ["FCGI_ROLE=RESPONDER"])
        }
    }

    @Test(arguments: [false, true])
    func theLastValueCounts(usesPipe: Bool) throws {
        let reader = try ParamsReader(Self.wanted, usesPipe: usesPipe)
        let content = FastCGIRecords.pairs([("REMOTE_USER", "first"), ("REMOTE_USER", "last"), ("CONTENT_LENGTH", "7")])
        let params = try #require(content.withUnsafeBytes { reader.read($0) })
        #expect(params["REMOTE_USER"].map { String(decoding: $0, as: UTF8.self) } == "last")
        #expect(params["REMOTE"] == nil && params["REMOTE_USER="] == nil && params.contentLength == 7)
    }

    /// Each of these crashes libfcgi, or has it read something else than was sent.
    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0x01, 0x00, 0x00, 0x01], [0x00, 0x01, 0x41],
            [0x04, 0x03, 0x4C, 0x4F, 0x4E, 0x47, 0x41, 0x00, 0x42], [0x04, 0x04, 0x41, 0x42], [0x80, 0x00, 0x00],
            [0x01],
        ] as [[UInt8]]
    )
    func hostileParamsAreRefused(content: [UInt8]) throws {
        let reader = try ParamsReader(Self.wanted)
        #expect(read(content, reader) == nil)
        #expect(read(FastCGIRecords.pairs([("LONG", "x")]), reader) == ["FCGI_ROLE=RESPONDER", "LONG=x"])
    }

    /// libfcgi joins a name and its value with `=`, so this would pass for another user.
    @Test func aNameThatHoldsAnotherIsPassedOver() throws {
        let reader = try ParamsReader(Self.wanted)
        let content = FastCGIRecords.pairs([
            ("REMOTE_USER", "alice"), ("REMOTE_USER=victim", "x"), ("REMOTE_USER\0", "y"),
        ])
        #expect(read(content, reader) == ["FCGI_ROLE=RESPONDER", "REMOTE_USER=alice"])
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
