import DashboardState
import StateStore
import SwiftSupport
import Testing

@testable import RESP

/// What a delete, and the question for readiness, ask Redis, and what comes of each answer, without Redis.
struct DeleteTests {
    private let any = Conditions(ifMatch: .any)

    @Test func withoutConditionsItIsOneCommand() throws {
        let test = StoreUnderTest([.reply(":1"), .reply(":0")])
        #expect(try test.delete() == "deleted")
        #expect(try test.delete() == "nothing to delete")
        #expect(test.redis.commands == [["DEL", "p:u:w"], ["DEL", "p:u:w"]] && test.redis.areWrites == [true, true])
    }

    @Test func withConditionsAScriptDecides() throws {
        let test = StoreUnderTest([.text("deleted"), .text("nothing"), .text("failed 7\n{}")])
        #expect(try test.delete(any) == "deleted")
        #expect(try test.delete(any) == "nothing to delete")
        #expect(try test.delete(Conditions(ifMatch: .any, wantsCurrent: true)) == "precondition failed {}")
        #expect(
            test.redis.commands[0].suffix(3) == ["", "*", ""] && test.redis.commands[2].suffix(3) == ["c", "*", ""]
        )
    }

    @Test func aForgottenScriptIsSentAlong() throws {
        let test = StoreUnderTest([.reply("-NOSCRIPT No"), .text("0123"), .text("deleted")])
        #expect(try test.delete(any) == "deleted")
        #expect(test.redis.commands.map { $0[0] } == ["EVALSHA", "SCRIPT", "EVALSHA"])
    }

    @Test func failures() throws {
        #expect(try StoreUnderTest([.failure(.unanswered)]).delete() == "outcomeUnknown")
        #expect(try StoreUnderTest([.failure(.away)]).delete() == "notCarriedOut")
        for (answer, conditions) in [("+OK", Conditions()), ("$2\r\nno", any), (":1", any)] {
            let test = StoreUnderTest([.reply(answer)])
            #expect(try test.delete(conditions) == "outcomeUnknown")
            #expect(test.redis.remedies == [.givenUp])
        }
        let denied = StoreUnderTest([.reply("-NOPERM User x has no permissions to run the 'del' command")])
        #expect(try denied.delete() == "notCarriedOut")
        #expect(denied.told.first?.hasSuffix("code=NOPERM command=del") == true)
    }

    @Test func readiness() throws {
        let test = StoreUnderTest([.reply("$-1")])
        #expect(try test.tryWrite() == "ready")
        let command = try #require(test.redis.commands.first)
        #expect(command[0] == "SET" && command[1].hasPrefix("p:ready::") && command[3...] == ["XX", "PX", "1"])
        #expect(test.redis.areWrites == [false])
        let readOnly = try StoreUnderTest([.reply("-MISCONF Redis is configured to save RDB snapshots")]).tryWrite()
        #expect(readOnly?.hasPrefix("read-only: Redis refuses writes, since it cannot store its data") == true)
        #expect(try StoreUnderTest([.failure(.away)]).tryWrite() == "notCarriedOut")
        #expect(try StoreUnderTest([.reply(":1")]).tryWrite() == "notCarriedOut")
    }
}
