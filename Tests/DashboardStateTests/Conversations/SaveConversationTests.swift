import DashboardState
import Testing

/// What each reply to a save means, and when it is asked again, without Redis.
struct SaveConversationTests {
    private typealias Said = SaidStep<SaveConversation.Result>

    private func said(_ save: inout SaveConversation, _ reply: StoreReply, at index: Int = 0) -> Said {
        Said(save.take(reply, at: index))
    }

    private func said(_ save: inout SaveConversation, _ text: String, at index: Int = 0) -> Said {
        StoreReply.with(text) { said(&save, $0, at: index) }
    }

    @Test func decisions() {
        let decisions: [(String, SaveConversation.Result)] = [
            ("saved", .saved(replaced: false)), ("replaced", .saved(replaced: true)),
            ("unchanged abc", .unchanged(tag: 10..<13)), ("refused 7", .refused(version: 7, document: nil)),
            ("refused 7\n{}", .refused(version: 7, document: 10..<12)),
            ("failed", .preconditionFailed(document: nil)), ("failed 7", .preconditionFailed(document: nil)),
            ("failed 7\n{}", .preconditionFailed(document: 9..<11)),
        ]
        for (text, result) in decisions {
            var save = SaveConversation(isStaged: false)
            #expect(save.commandCount == 1)
            #expect(said(&save, text) == .done(result), "\(text)")
            var staged = SaveConversation(isStaged: true)
            #expect(staged.commandCount == 2)
            #expect(said(&staged, .done) == .wait(.nothing))
            #expect(said(&staged, text, at: 1) == .done(result), "\(text)")
        }
    }

    @Test func theScriptIsLoadedOnce() {
        var save = SaveConversation(isStaged: false)
        #expect(said(&save, .refused(Refusal(.unknownScript))) == .load(.save))
        #expect(said(&save, "0123456789abcdef0123456789abcdef01234567") == .wait(.nothing))
        var unteachable = save
        #expect(said(&save, "saved", at: 1) == .done(.saved(replaced: false)))
        // Nothing else says why no save succeeds.
        let failure = StoreFailure(meaning: .notCarriedOut, tells: true)
        #expect(said(&unteachable, .refused(Refusal(.unknownScript)), at: 1) == .done(.failed(failure)))
    }

    @Test func theScriptIsLoadedAheadOfAStagedDocumentToo() {
        var save = SaveConversation(isStaged: true)
        #expect(said(&save, .done) == .wait(.nothing))
        #expect(said(&save, .refused(Refusal(.unknownScript)), at: 1) == .load(.save))
        #expect(save.commandCount == 2)
        #expect(said(&save, "0123456789abcdef0123456789abcdef01234567") == .wait(.nothing))
        #expect(said(&save, .done, at: 1) == .wait(.nothing))
        // Lost before all was sent, and sent from the first one on again.
        #expect(said(&save, "0123456789abcdef0123456789abcdef01234567") == .wait(.nothing))
        #expect(said(&save, .done, at: 1) == .wait(.nothing))
        #expect(said(&save, "replaced", at: 2) == .done(.saved(replaced: true)))
    }

    @Test func aScriptThatMayNotBeLoadedIsTold() {
        var save = SaveConversation(isStaged: false)
        #expect(said(&save, .refused(Refusal(.unknownScript))) == .load(.save))
        #expect(said(&save, .refused(Refusal(.other))) == .wait(.refusal))
        // Once is enough.
        let failure = StoreFailure(meaning: .notCarriedOut)
        #expect(said(&save, .refused(Refusal(.unknownScript)), at: 1) == .done(.failed(failure)))
    }

    @Test func aDocumentThatIsNotThereGoesAlong() {
        var save = SaveConversation(isStaged: true)
        #expect(said(&save, .done) == .wait(.nothing))
        #expect(said(&save, "unstaged", at: 1) == .unstage)
        #expect(save.commandCount == 1 && !save.isStaged)
        var forgetful = save
        #expect(said(&save, "saved") == .done(.saved(replaced: false)))
        // Redis may be restarted in between.
        #expect(said(&forgetful, .refused(Refusal(.unknownScript))) == .load(.save))
        #expect(said(&forgetful, "0123456789abcdef0123456789abcdef01234567") == .wait(.nothing))
        #expect(said(&forgetful, "saved", at: 1) == .done(.saved(replaced: false)))
    }

    @Test func aRefusedStagingIsToldUnlessThereIsNoMemory() {
        for reason in refusals {
            var save = SaveConversation(isStaged: true)
            let aside = reason == .outOfMemory ? Aside.nothing : .refusal
            #expect(said(&save, .refused(Refusal(reason))) == .wait(aside), "\(reason)")
            #expect(said(&save, "unstaged", at: 1) == .unstage)
            #expect(said(&save, .refused(Refusal(.outOfMemory))) == .done(.failed(failure(.outOfMemory))))
        }
    }

    private func failure(_ reason: Refusal.Reason, isFromScript: Bool = false) -> StoreFailure {
        StoreFailure(
            meaning: meaning(reason, isFromScript: isFromScript),
            remedy: remedy(reason),
            tells: true
        )
    }

    @Test(arguments: refusals.filter { $0 != .unknownScript }, [false, true])
    func refusedCommands(_ reason: Refusal.Reason, isFromScript: Bool) {
        var save = SaveConversation(isStaged: false)
        let step = said(&save, .refused(Refusal(reason, isFromScript: isFromScript)))
        #expect(step == .done(.failed(failure(reason, isFromScript: isFromScript))))
    }

    @Test(arguments: [false, true]) func lostAnswers(mayBeDone: Bool) {
        for index in 0...1 {
            var save = SaveConversation(isStaged: true)
            let failure = StoreFailure(meaning: mayBeDone ? .outcomeUnknown : .notCarriedOut)
            #expect(said(&save, .lost(mayBeDone: mayBeDone), at: index) == .done(.failed(failure)))
        }
    }

    @Test func foreignReplies() {
        let failure = SaveConversation.Result.failed(StoreFailure(meaning: .outcomeUnknown, remedy: .givenUp))
        for plain in [PlainReply.nothing, .done, .number(1), .foreign] {
            var save = SaveConversation(isStaged: false)
            #expect(said(&save, plain.reply) == .done(failure))
        }
        for text in ["", "deleted", "nothing", "unstaged", "refused", "refused x", "unchanged", "OK"] {
            var save = SaveConversation(isStaged: false)
            #expect(said(&save, text) == .done(failure), "\(text)")
        }
        for plain in [PlainReply.nothing, .number(1), .foreign] {
            var save = SaveConversation(isStaged: true)
            #expect(said(&save, plain.reply) == .wait(.foreign))
        }
        var save = SaveConversation(isStaged: false)
        #expect(said(&save, .refused(Refusal(.unknownScript))) == .load(.save))
        #expect(said(&save, .done) == .wait(.foreign))
    }
}
