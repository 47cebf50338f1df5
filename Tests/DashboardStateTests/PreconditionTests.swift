import Testing

@testable import DashboardState

struct PreconditionTests {
    @Test(
        arguments: [
            ("*", Precondition.any), (" * ", .any), (#""a""#, .tags(Array(",a,".utf8))),
            (#"W/"a""#, .tags(Array(",a,".utf8))), (#""a", W/"b" ,"c""#, .tags(Array(",a,b,c,".utf8))),
            (#""a,b","c""#, .tags(Array(",c,".utf8))), (#""""#, .tags(Array(",".utf8))),
            (#", "a",,"#, .tags(Array(",a,".utf8))),
        ]
    )
    func fieldsAreRead(text: String, precondition: Precondition) throws {
        #expect(try read(text) == precondition)
    }

    @Test(arguments: ["", "a", "\"a", "a\"", "*, \"a\"", "w/\"a\"", "\"a\" \"b\"", "**", ","])
    func othersAreRefused(text: String) { #expect(throws: Precondition.Malformed.self) { try read(text) } }

    @Test func noFieldIsNoPrecondition() throws { #expect(try Precondition(nil) == Precondition.none) }

    @Test func tagsAreComparedWhole() throws {
        let precondition = try read(#""abc", "def""#)
        for (tag, isIncluded) in [("abc", true), ("def", true), ("ab", false), ("c", false), (",", false)] {
            #expect(Array(tag.utf8).withSpan { precondition.includes($0) } == isIncluded)
        }
    }

    private func read(_ text: String) throws -> Precondition {
        try Array(text.utf8).withSpan { try Precondition($0) }
    }
}
