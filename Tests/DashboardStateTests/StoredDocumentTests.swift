import SwiftSupport
import Testing

@testable import DashboardState

struct StoredDocumentTests {
    @Test func aDocumentOfThisServiceIsRecognisedByItsHead() throws {
        var random = SeededGenerator(seed: 1)
        let longest = String(repeating: "a", count: 64)
        for (checksum, ancestry) in [(nil, nil), (longest, nil), (nil, longest), (longest, longest)] {
            let tag = EntityTag(using: &random)
            var bytes: [UInt8] = []
            Array(longest.utf8).withSpan { text in
                DocumentHead.append(
                    version: 9_007_199_254_740_991,
                    lastModified: Timestamp(milliseconds: 0),
                    tag: tag,
                    checksum: checksum == nil ? nil : text,
                    ancestry: ancestry == nil ? nil : text,
                    to: &bytes
                )
            }
            // The script looks at the first 288 bytes.
            #expect(bytes.count < 288)
            bytes += Array("{}}".utf8)
            let document = bytes.withSpan { StoredDocument($0) }
            guard case .own(let range, let time) = document else {
                Issue.record("\(document)")
                return
            }
            #expect(Array(bytes[range]) == characters(tag))
            #expect(Array(bytes[time]) == Array("1970-01-01T00:00:00.000Z".utf8))
            // One that was cut short is none.
            for length in 0..<bytes.count {
                #expect(bytes.prefix(length).withSpan { StoredDocument($0) } == .unusable)
            }
        }
    }

    @Test(
        arguments: [
            (#"{"state":{},"version":1}"#, StoredDocument.foreign(lastModified: nil)),
            (#"{"version":1,"state":{"a":1},"x":2}"#, .foreign(lastModified: nil)),
            (#"{"version":1,"lastModified":"x","etag":"abc","state":{}}"#, .foreign(lastModified: 28..<31)),
            (#"{"version":99999999999999999,"state":{}}"#, .unusable),
            (#"{"version":9007199254740992,"state":{}}"#, .unusable),
            (
                #"{"version":9007199254740992,"lastModified":"2026-01-01T00:00:00.000Z","etag":"abc","state":{}}"#,
                .unusable
            ),
            (#"{"version":"1","state":{}}"#, .unusable), (#"{"version":1,"state":[]}"#, .unusable),
            ("hello", .unusable), ("", .unusable), ("{}", .unusable),
        ]
    )
    func othersAreReadWhole(text: String, document: StoredDocument) {
        #expect(Array(text.utf8).withSpan { StoredDocument($0) } == document)
    }

    @Test func entityTagsDoNotRepeat() {
        var random = SystemRandomNumberGenerator()
        var seen = Set<[UInt8]>()
        for _ in 0..<10_000 {
            let tag = characters(EntityTag(using: &random))
            #expect(tag.count == EntityTag.length && tag.withUnsafeBytes { EntityTag.isPossible($0) })
            #expect(seen.insert(tag).inserted)
        }
    }

    @Test(
        arguments: [
            ("saved", Outcome.saved), ("replaced", .replaced), ("unchanged abc", .unchanged(tag: 10..<13)),
            ("refused 7", .refused(version: 7, document: nil)),
            ("refused 7\n{\n}", .refused(version: 7, document: 10..<13)),
            ("failed", .preconditionFailed(version: nil, document: nil)),
            ("failed 3", .preconditionFailed(version: 3, document: nil)), ("deleted", .deleted), ("nothing", .nothing),
        ]
    )
    func outcomesAreRead(text: String, outcome: Outcome) {
        #expect(Array(text.utf8).withSpan { Outcome($0) } == outcome)
    }

    @Test(arguments: ["", "ok", "unchanged", "refused", "refused x", "savedd"])
    func otherAnswersAreNone(text: String) { #expect(Array(text.utf8).withSpan { Outcome($0) } == nil) }

    private func characters(_ tag: EntityTag) -> [UInt8] {
        var bytes: [UInt8] = []
        tag.append(to: &bytes)
        return bytes
    }
}
