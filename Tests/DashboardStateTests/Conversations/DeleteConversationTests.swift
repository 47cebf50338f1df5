import DashboardState
import Testing

/// What each reply to a delete means, without Redis.
struct DeleteConversationTests {
    private typealias Said = SaidStep<DeleteConversation.Result>

    private func said(_ delete: inout DeleteConversation, _ reply: StoreReply, at index: Int = 0) -> Said {
        Said(delete.take(reply, at: index))
    }

    @Test func decisions() {
        let decisions: [(String, DeleteConversation.Result)] = [
            ("deleted", .deleted(true)), ("nothing", .deleted(false)), ("failed", .preconditionFailed(document: nil)),
            ("failed 7\n{}", .preconditionFailed(document: 9..<11)),
        ]
        for (text, result) in decisions {
            var delete = DeleteConversation(isConditional: true)
            #expect(StoreReply.with(text) { said(&delete, $0) } == .done(result))
        }
        for (number, isThere) in [(0, false), (1, true)] {
            var delete = DeleteConversation(isConditional: false)
            #expect(said(&delete, .number(number)) == .done(.deleted(isThere)))
        }
    }

    @Test func theScriptIsLoadedOnce() {
        var delete = DeleteConversation(isConditional: true)
        #expect(said(&delete, .refused(Refusal(.unknownScript))) == .load(.delete))
        #expect(StoreReply.with("00") { said(&delete, $0) } == .wait(.nothing))
        let failure = StoreFailure(meaning: .notCarriedOut, tells: true)
        #expect(said(&delete, .refused(Refusal(.unknownScript)), at: 1) == .done(.failed(failure)))
    }

    @Test(arguments: [false, true]) func failures(isConditional: Bool) {
        for reason in refusals where reason != .unknownScript {
            for isFromScript in [false, true] {
                var delete = DeleteConversation(isConditional: isConditional)
                let failure = StoreFailure(
                    meaning: meaning(reason, isFromScript: isFromScript),
                    remedy: remedy(reason),
                    tells: true
                )
                let step = said(&delete, .refused(Refusal(reason, isFromScript: isFromScript)))
                #expect(step == .done(.failed(failure)), "\(reason)")
            }
        }
        for mayBeDone in [false, true] {
            var delete = DeleteConversation(isConditional: isConditional)
            let failure = StoreFailure(meaning: mayBeDone ? .outcomeUnknown : .notCarriedOut)
            #expect(said(&delete, .lost(mayBeDone: mayBeDone)) == .done(.failed(failure)))
        }
        let failure = StoreFailure(meaning: .outcomeUnknown, remedy: .givenUp)
        for plain in [PlainReply.nothing, .done, isConditional ? .number(1) : .foreign, .foreign] {
            var delete = DeleteConversation(isConditional: isConditional)
            #expect(said(&delete, plain.reply) == .done(.failed(failure)))
        }
        for text in ["", "saved", "replaced", "unstaged", "refused 1"] {
            var delete = DeleteConversation(isConditional: isConditional)
            #expect(StoreReply.with(text) { said(&delete, $0) } == .done(.failed(failure)))
        }
    }
}
