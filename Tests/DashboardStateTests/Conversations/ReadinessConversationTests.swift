import DashboardState
import Testing

/// What each reply to the question for readiness means, without Redis.
struct ReadinessConversationTests {
    private func result(_ reply: StoreReply) -> ReadinessConversation.Result? {
        var readiness = ReadinessConversation()
        guard case .done(let result) = readiness.take(reply) else { return nil }
        return result
    }

    @Test func answers() {
        #expect(result(.nothing) == .ready)
        #expect(result(.done) == .ready)
        let refusing: [Refusal.Reason] = [.outOfMemory, .cannotPersist, .tooFewReplicas]
        for reason in refusals {
            let failure = StoreFailure(meaning: .notCarriedOut, remedy: remedy(reason), tells: true)
            let isReadOnly = refusing.contains(reason)
            let expected = isReadOnly ? ReadinessConversation.Result.readOnly(reason) : .failed(failure)
            #expect(result(.refused(Refusal(reason))) == expected)
        }
        #expect(result(.lost(mayBeDone: false)) == .failed(StoreFailure(meaning: .notCarriedOut)))
        let failure = StoreFailure(meaning: .notCarriedOut, remedy: .givenUp)
        for plain in [PlainReply.number(1), .foreign] { #expect(result(plain.reply) == .failed(failure)) }
    }
}
