import DashboardState
import StateStore
import SwiftSupport
import Testing

@testable import RESP

/// What is asked again where nodes of a cluster send those who ask on, and in which form.
struct RedirectionTests {
    private let loaded = ScriptedRedis.Answer.text("0123456789abcdef0123456789abcdef01234567")
    private let noScript = ScriptedRedis.Answer.reply("-NOSCRIPT No matching script.")
    private let moved = ScriptedRedis.Answer.reply("-MOVED 1 127.0.0.1:7001")
    private let ask = ScriptedRedis.Answer.reply("-ASK 1 127.0.0.1:7001")
    private let tryAgain = ScriptedRedis.Answer.reply("-TRYAGAIN Multiple keys request during rehashing of slot")
    private let done = ScriptedRedis.Answer.reply("+OK")
    private let large = 4096

    private func cluster(_ answers: ScriptedRedis.Answer...) -> StoreUnderTest {
        let test = StoreUnderTest(answers)
        test.redis.isCluster = true
        return test
    }

    private func names(_ test: StoreUnderTest) -> [String] { test.redis.commands.map { $0[0] } }

    @Test func whatMovedIsAskedAgainWithTheSameBytes() throws {
        let test = cluster(moved, moved, .text("saved"))
        #expect(try test.save() == "saved 7")
        #expect(test.redis.commands[0] == test.redis.commands[1] && test.redis.commands[1] == test.redis.commands[2])
        #expect(test.redis.ways == ["0", "1", "2"] && test.redis.areWrites == [true, true, true])
        #expect(test.told.isEmpty)
    }

    @Test func soAreReadsAndDeletes() throws {
        let test = cluster(moved, .reply("$-1"), moved, .reply(":1"))
        #expect(try test.read() == "nothing stored")
        #expect(try test.delete() == "deleted")
        #expect(names(test) == ["GET", "GET", "DEL", "DEL"])
    }

    @Test func bothCommandsOfAStagedSaveGoAgain() throws {
        let both = cluster(moved, moved, done, .text("saved"))
        #expect(try both.save(length: large) == "saved 7")
        #expect(names(both) == ["SET", "EVALSHA", "SET", "EVALSHA"] && both.told.isEmpty)
        // The slot has moved between the two.
        let second = cluster(done, moved, done, .text("saved"))
        #expect(try second.save(length: large) == "saved 7")
        #expect(second.redis.commands[0...1] == second.redis.commands[2...3])
    }

    @Test func aDecisionHoldsThoughTheStagingWasSentOn() throws {
        let test = cluster(moved, .text("unstaged"), .text("saved"))
        #expect(try test.save(length: large) == "saved 7")
        #expect(names(test) == ["SET", "EVALSHA", "EVALSHA"] && test.told.isEmpty)
    }

    @Test func anotherNodeLearnsTheScript() throws {
        let test = cluster(noScript, loaded, moved, loaded, .text("saved"))
        #expect(try test.save() == "saved 7")
        #expect(names(test) == ["EVALSHA", "SCRIPT", "EVALSHA", "SCRIPT", "EVALSHA"])
    }

    @Test func readsAreAskedForBehindAsking() throws {
        let test = cluster(ask, done, .reply("$-1"))
        #expect(try test.read() == "nothing stored")
        #expect(names(test) == ["GET", "ASKING", "GET"] && test.redis.ways == ["0", "1 asking"])
    }

    /// An `ASK` to a command with two keys says only that one of them is not there (Redis 6.2): that the state is not,
    /// a command with its key alone tells.
    @Test func whatHasTwoKeysIsAskedWithOneBeforeItGoesElsewhere() throws {
        for refusal in [ask, tryAgain] {
            let test = cluster(refusal, ask, done, .text("saved"))
            #expect(try test.save() == "saved 7")
            #expect(names(test) == ["EVALSHA", "EVALSHA", "ASKING", "EVALSHA"])
            #expect(test.redis.ways == ["0", "1", "2 asking"])
            let (whole, alone) = (test.redis.commands[0], test.redis.commands[1])
            #expect(whole[2] == "2" && alone[2] == "1" && alone == test.redis.commands[3])
            #expect(whole[3] == alone[3] && whole[5...] == alone[4...])
        }
    }

    @Test func aStagedSaveBecomesOneCommandThen() throws {
        let test = cluster(ask, tryAgain, .text("saved"))
        #expect(try test.save(length: large) == "saved 7")
        let (staged, alone) = (test.redis.commands[0], test.redis.commands[2])
        #expect(alone[2] == "1" && alone[4] == staged[2] && test.redis.ways == ["0", "1"] && test.told.isEmpty)
        #expect(alone[5...] == test.redis.commands[1][6...])
    }

    @Test func soDoesOneThatLoadedTheScriptAndOneThatWasUnstaged() throws {
        let loading = cluster(done, noScript, loaded, ask, tryAgain, .text("saved"))
        #expect(try loading.save(length: large) == "saved 7")
        #expect(names(loading) == ["SET", "EVALSHA", "SCRIPT", "SET", "EVALSHA", "EVALSHA"])
        #expect(loading.redis.commands[5][4] == loading.redis.commands[0][2])
        let unstaged = cluster(done, .text("unstaged"), tryAgain, .text("saved"))
        #expect(try unstaged.save(length: large) == "saved 7")
        let (first, alone) = (unstaged.redis.commands[2], unstaged.redis.commands[3])
        #expect(first[2] == "2" && alone[2] == "1" && first[3] == alone[3] && first[5...] == alone[4...])
    }

    @Test func conditionalDeletesToo() throws {
        let test = cluster(tryAgain, ask, done, noScript, loaded, done, .text("deleted"))
        #expect(try test.delete(Conditions(ifMatch: .any)) == "deleted")
        #expect(names(test) == ["EVALSHA", "EVALSHA", "ASKING", "EVALSHA", "SCRIPT", "ASKING", "EVALSHA"])
        #expect(test.redis.commands[6].count == 7 && test.redis.commands[6] == test.redis.commands[1])
        #expect(test.redis.ways == ["0", "1", "2 asking", "2 asking"])
    }

    @Test func theSlotMayMoveBehindAsking() throws {
        let test = cluster(ask, done, moved, .reply("$-1"))
        #expect(try test.read() == "nothing stored")
        #expect(names(test) == ["GET", "ASKING", "GET", "GET"] && test.redis.ways == ["0", "1 asking", "2"])
    }

    @Test func aRightToAskingThatIsMissingIsTold() throws {
        let refusal = "-NOPERM this user has no permissions to run the 'asking' command"
        let test = cluster(ask, .reply(refusal), moved, .reply("$-1"))
        #expect(try test.read() == "nothing stored")
        #expect(test.told.count == 1 && test.told[0].contains("command=asking"))
    }

    @Test func nobodyIsSentOnWithoutEnd() throws {
        let test = cluster(moved, moved, moved, moved, moved, moved)
        #expect(try test.save() == "notCarriedOut")
        #expect(test.redis.ways == ["0", "1", "2", "3", "4", "5"])
        #expect(test.told.count == 1 && test.told[0].contains("code=MOVED"))
    }

    @Test func aRenewalIsNotSentOn() throws {
        let old = #"{"version":1,"lastModified":"2020-01-01T00:00:00.000Z","etag":"a","state":{}}"#
        let test = cluster(.text(old), moved)
        #expect(try test.read()?.hasPrefix("found a") == true)
        #expect(names(test) == ["GET", "PTTL"] && test.told.isEmpty)
    }

    @Test func aServerAloneSendsNobodyOn() throws {
        let test = StoreUnderTest([moved])
        #expect(try test.save() == "notCarriedOut")
        #expect(test.redis.commands.count == 1 && test.told.count == 1)
    }
}
