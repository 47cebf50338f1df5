import DashboardState
import Testing

/// What each reply to a read means, without Redis.
struct ReadConversationTests {
    private let own = #"{"version":7,"lastModified":"2026-01-01T00:00:00.000Z","etag":"abc","state":{"a":1}}"#
    private let foreign = #"{"state":{"a":1},"version":7,"lastModified":"2026-01-01T00:00:00.000Z"}"#

    private func result(
        _ reply: StoreReply,
        ifMatch: Precondition = .none,
        ifNoneMatch: Precondition = .none
    ) -> ReadConversation.Result? {
        var read = ReadConversation(ifMatch: ifMatch, ifNoneMatch: ifNoneMatch)
        var tag: [UInt8] = []
        let step = read.take(reply, &tag) { _ in Array("derived".utf8) }
        guard case .done(let result) = step else { return nil }
        if result.document != nil { #expect((result.document?.tag == nil) == (tag == Array("derived".utf8))) }
        return result
    }

    private func result(
        of value: String,
        ifMatch: Precondition = .none,
        ifNoneMatch: Precondition = .none
    ) -> ReadConversation.Result? {
        Array(value.utf8).withSpan { result(.bytes($0), ifMatch: ifMatch, ifNoneMatch: ifNoneMatch) }
    }

    private func tag(_ text: String) -> Precondition { .tags(Array(",\(text),".utf8)) }

    private func piece(_ text: String, _ range: Range<Int>?) -> String? {
        range.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    }

    @Test func aDocumentOfThisService() {
        let found = result(of: own)
        #expect(found?.verdict == .found)
        #expect(piece(own, found?.document?.tag) == "abc")
        #expect(piece(own, found?.document?.lastModified) == "2026-01-01T00:00:00.000Z")
    }

    @Test func aDocumentOfOtherSoftware() {
        let found = result(of: foreign)
        #expect(found?.verdict == .found)
        #expect(found?.document != nil && found?.document?.tag == nil)
        #expect(piece(foreign, found?.document?.lastModified) == "2026-01-01T00:00:00.000Z")
        #expect(result(of: foreign, ifNoneMatch: tag("derived"))?.verdict == .notModified)
        let timeless = #"{"state":{"a":1},"version":7}"#
        #expect(result(of: timeless)?.document?.lastModified.isEmpty == true)
        let oddlyTimed = #"{"state":{"a":1},"version":7,"lastModified":5}"#
        #expect(result(of: oddlyTimed)?.document?.lastModified.isEmpty == true)
    }

    @Test func preconditions() {
        #expect(result(of: own, ifMatch: tag("abc"))?.verdict == .found)
        #expect(result(of: own, ifMatch: .any)?.verdict == .found)
        let failed = result(of: own, ifMatch: tag("other"))
        // It is alive none the less, and may have to be kept so.
        #expect(failed?.verdict == .preconditionFailed && failed?.document != nil)
        #expect(result(of: own, ifNoneMatch: tag("abc"))?.verdict == .notModified)
        #expect(result(of: own, ifNoneMatch: .any)?.verdict == .notModified)
        #expect(result(of: own, ifNoneMatch: tag("other"))?.verdict == .found)
        #expect(result(of: own, ifMatch: tag("other"), ifNoneMatch: tag("abc"))?.verdict == .preconditionFailed)
    }

    @Test func nothingIsStored() {
        for plain in [PlainReply.nothing, .refused(Refusal(.wrongType))] {
            #expect(result(plain.reply)?.verdict == .nothingStored)
            #expect(result(plain.reply, ifMatch: .any)?.verdict == .preconditionFailed)
            #expect(result(plain.reply, ifNoneMatch: .any)?.verdict == .nothingStored)
        }
    }

    @Test func whatIsNoStringIsNoDocument() {
        #expect(result(PlainReply.nothing.reply)?.isUnusable == false)
        #expect(result(PlainReply.refused(Refusal(.wrongType)).reply)?.isUnusable == true)
    }

    @Test(arguments: ["", "{", "[]", #"{"version":1.5,"state":{}}"#]) func whatIsNoDocument(_ value: String) {
        #expect(result(of: value) == ReadConversation.Result(verdict: .nothingStored, isUnusable: true))
        #expect(result(of: value, ifMatch: .any)?.verdict == .preconditionFailed)
    }

    @Test(arguments: refusals.filter { $0 != .wrongType }) func noRefusalIsNothingStored(_ reason: Refusal.Reason) {
        guard case .failed(let failure)? = result(.refused(Refusal(reason)))?.verdict else {
            Issue.record("\(reason) is an answer")
            return
        }
        #expect(failure.meaning == .notCarriedOut && failure.tells)
        #expect(failure.remedy == remedy(reason))
    }

    @Test func lostAndForeignReplies() {
        let lost = StoreFailure(meaning: .notCarriedOut)
        #expect(result(.lost(mayBeDone: false))?.verdict == .failed(lost))
        for plain in [PlainReply.done, .number(1), .foreign] {
            let failure = StoreFailure(meaning: .notCarriedOut, remedy: .givenUp)
            #expect(result(plain.reply)?.verdict == .failed(failure))
        }
    }
}
