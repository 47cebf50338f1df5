import DashboardState
import StateStore
import SwiftSupport
import Testing

@testable import RESP

/// What a save asks Redis, and what comes of each answer, without Redis.
struct SaveTests {
    private let loaded = ScriptedRedis.Answer.text("0123456789abcdef0123456789abcdef01234567")
    private let noScript = ScriptedRedis.Answer.reply("-NOSCRIPT No matching script.")
    /// Bytes from which on a document goes ahead of the script.
    private let large = 4096

    @Test func aSmallDocumentIsAnArgument() throws {
        let test = StoreUnderTest([.text("saved")])
        #expect(try test.save() == "saved 7")
        let command = try #require(test.redis.commands.first)
        #expect(command.count == 8 && command[0...2] == ["EVALSHA", "0123456789", "2"] && command[3] == "p:u:w")
        #expect(command[4].hasPrefix("p:staging:{p:u:w}:"))
        #expect(command[5].hasPrefix(#"{"version":7,"lastModified":""#) && command[5].hasSuffix(#","state":{}}"#))
        #expect(command[6...] == ["7", "1000"] && test.redis.areWrites == [true])
        #expect(test.told.isEmpty && test.redis.remedies.isEmpty)
    }

    @Test func conditionsFollow() throws {
        let test = StoreUnderTest([.text("failed 9\n{}")])
        let tags = Precondition.tags(Array(",a,".utf8))
        #expect(
            try test.save(Conditions(ifMatch: tags, ifNoneMatch: .any, wantsCurrent: true)) == "precondition failed {}"
        )
        #expect(test.redis.commands[0].suffix(3) == ["c", ",a,", "*"])
    }

    @Test func aLargeDocumentGoesAhead() throws {
        let test = StoreUnderTest([.reply("+OK"), .text("replaced")])
        #expect(try test.save(length: large) == "saved 7 over another")
        #expect(test.redis.commands.map { $0[0] } == ["SET", "EVALSHA"] && test.redis.areWrites == [true])
        let (staged, script) = (test.redis.commands[0], test.redis.commands[1])
        #expect(staged[1] == script[4] && staged[3...] == ["PX", "60000"])
        // The head alone, which ends in a colon.
        #expect(script[5].hasSuffix(#","state":"#) && staged[2].hasPrefix(script[5]))
    }

    @Test func whatElseTheScriptDecides() throws {
        let decisions = [
            ("unchanged abc", "unchanged 7 abc"), ("refused 9", "refused 9 "), ("refused 9\n{}", "refused 9 {}"),
            ("failed", "precondition failed "),
        ]
        for (text, result) in decisions {
            #expect(try StoreUnderTest([.text(text)]).save() == result)
        }
    }

    @Test func aForgottenScriptIsSentAlongWithTheSameBytes() throws {
        let test = StoreUnderTest([noScript, loaded, .text("saved")])
        #expect(try test.save() == "saved 7")
        #expect(test.redis.commands.map { $0[0] } == ["EVALSHA", "SCRIPT", "EVALSHA"])
        #expect(test.redis.commands[0] == test.redis.commands[2] && test.redis.commands[1][1] == "LOAD")
        #expect(test.redis.areWrites == [true, true] && test.told.isEmpty)
    }

    @Test func soItIsWithADocumentAhead() throws {
        let test = StoreUnderTest([.reply("+OK"), noScript, loaded, .reply("+OK"), .text("saved")])
        #expect(try test.save(length: large) == "saved 7")
        #expect(test.redis.commands.map { $0[0] } == ["SET", "EVALSHA", "SCRIPT", "SET", "EVALSHA"])
        #expect(test.redis.commands[0...1] == test.redis.commands[3...4])
    }

    @Test func aDocumentThatIsGoneGoesAlong() throws {
        // Redis forgets the script, then what was sent ahead, then the script again.
        let test = StoreUnderTest([
            .reply("+OK"), noScript, loaded, .reply("+OK"), .text("unstaged"), noScript, loaded, .text("saved"),
        ])
        #expect(try test.save(length: large) == "saved 7")
        let kinds = ["SET", "EVALSHA", "SCRIPT", "SET", "EVALSHA", "EVALSHA", "SCRIPT", "EVALSHA"]
        #expect(test.redis.commands.map { $0[0] } == kinds)
        // The same script, key and rules, with the document in place of its head.
        let (head, whole) = (test.redis.commands[1], test.redis.commands[7])
        #expect(whole[5] == test.redis.commands[0][2] && head[..<5] == whole[..<5] && head[6...] == whole[6...])
    }

    @Test func aRefusedStagingIsToldUnlessItIsForWantOfMemory() throws {
        let busy = StoreUnderTest([.reply("-BUSY no"), .text("unstaged"), .text("saved")])
        #expect(try busy.save(length: large) == "saved 7")
        #expect(busy.told == ["error Redis refused a command code=BUSY command=set"])
        let full = StoreUnderTest([.reply("-OOM no"), .text("unstaged"), .text("saved")])
        #expect(try full.save(length: large) == "saved 7")
        #expect(full.told.isEmpty && full.redis.commands.map { $0[0] } == ["SET", "EVALSHA", "EVALSHA"])
    }

    @Test func aRefusedScriptIsToldOnce() throws {
        let test = StoreUnderTest([noScript, .reply("-BUSY no"), noScript])
        #expect(try test.save() == "notCarriedOut")
        #expect(test.told == ["error Redis refused a command code=BUSY command=script"])
    }

    @Test func aStagingThatIsAnsweredWithNoneEndsTheConnection() throws {
        let test = StoreUnderTest([.reply(":1"), .failure(.unanswered)])
        #expect(try test.save(length: large) == "outcomeUnknown")
        #expect(test.redis.remedies == [.givenUp])
    }

    /// Braces in the prefix that are no hash tag: no other key is known to lie in the state's slot.
    @Test func whereNothingCanGoAheadTheDocumentIsAnArgument() throws {
        let test = StoreUnderTest([.text("saved"), .text("deleted")], prefix: "p{:")
        #expect(try test.save(length: large) == "saved 7")
        #expect(try test.delete(Conditions(ifMatch: .any)) == "deleted")
        let beginning = ["EVALSHA", "0123456789", "1", "p{:u:w"]
        #expect(test.redis.commands.map { Array($0[..<4]) } == [beginning, beginning])
        #expect(test.redis.commands[0].count == 7 && test.redis.commands[1].count == 7)
    }

    @Test func aServerThatLearnsNothingIsNotAskedForEver() throws {
        let test = StoreUnderTest([noScript, loaded, noScript])
        #expect(try test.save() == "notCarriedOut")
        #expect(test.redis.leftAnswers == 0)
    }

    @Test func aLostAnswerIsNoNo() throws {
        #expect(try StoreUnderTest([.failure(.unanswered)]).save() == "outcomeUnknown")
        #expect(try StoreUnderTest([.failure(.away)]).save() == "notCarriedOut")
        let staged = StoreUnderTest([.reply("+OK"), .failure(.unanswered)])
        #expect(try staged.save(length: large) == "outcomeUnknown")
    }

    @Test func anAnswerThatIsNoneEndsTheConnection() throws {
        for answer in [":1", "+OK", "$-1", "*0", "$5\r\nhello"] {
            let test = StoreUnderTest([.reply(answer)])
            #expect(try test.save() == "outcomeUnknown", "\(answer)")
            #expect(test.redis.remedies == [.givenUp])
            #expect(test.told == ["error Redis gave an answer that is not understood"])
        }
    }

    @Test func refusalsAreToldOnceInWords() throws {
        let full = ScriptedRedis.Answer.reply("-OOM command not allowed when used memory > 'maxmemory'.")
        let test = StoreUnderTest([full, full, .text("saved")])
        #expect(try test.save() == "outOfMemory")
        #expect(try test.save() == "outOfMemory")
        let sentence = "error Redis is full and refuses writes: give it more maxmemory, or more room code=OOM"
        #expect(test.told == [sentence])
        #expect(try test.save() == "saved 7")
        #expect(test.told == [sentence, "notice Redis takes writes again"])
    }

    @Test func whatRightIsMissingIsNamed() throws {
        let test = StoreUnderTest([
            .reply("-NOPERM this user has no permissions to run the 'evalsha' command or its subcommand")
        ])
        #expect(try test.save() == "notCarriedOut")
        #expect(
            test.told == [
                "error Redis refused a command: the ACL user needs it, or the keys that start with REDIS_KEY_PREFIX "
                    + "code=NOPERM command=evalsha"
            ]
        )
    }

    @Test func aReplicaIsLeft() throws {
        let test = StoreUnderTest([.reply("-READONLY You can't write against a read only replica.")])
        #expect(try test.save() == "notCarriedOut")
        #expect(test.redis.remedies == [.leadsToReplica])
    }

    @Test func aLostLoginIsRenewed() throws {
        let test = StoreUnderTest([.reply("-NOAUTH Authentication required.")])
        #expect(try test.save() == "notCarriedOut")
        #expect(test.redis.remedies == [.loggedOut])
    }
}
