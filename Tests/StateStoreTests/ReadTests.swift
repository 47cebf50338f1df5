import DashboardState
import StateStore
import SwiftSupport
import Testing

@testable import RESP

/// What a read asks Redis, what comes of each answer, and when the time to live is renewed behind it, without Redis.
struct ReadTests {
    private let old = #"{"version":7,"lastModified":"2020-01-01T00:00:00.000Z","etag":"abc","state":{"a":1}}"#
    private let tag = Precondition.tags(Array(",abc,".utf8))

    @Test func whatIsFound() throws {
        let test = StoreUnderTest([.text(old)], renewsOnRead: false)
        #expect(try test.read() == "found abc \(old)")
        #expect(test.redis.commands == [["GET", "p:u:w"]] && test.redis.areWrites == [false])
        #expect(try StoreUnderTest([.reply("$-1")]).read() == "nothing stored")
        #expect(try StoreUnderTest([.reply("-WRONGTYPE Operation against a key")]).read() == "nothing stored")
    }

    @Test func preconditions() throws {
        func read(_ answer: ScriptedRedis.Answer, ifMatch: Precondition, ifNoneMatch: Precondition) throws -> String? {
            try StoreUnderTest([answer], renewsOnRead: false).read(ifMatch: ifMatch, ifNoneMatch: ifNoneMatch)
        }
        #expect(try read(.text(old), ifMatch: .none, ifNoneMatch: tag) == "not modified abc")
        #expect(try read(.text(old), ifMatch: .none, ifNoneMatch: .any) == "not modified abc")
        #expect(try read(.text(old), ifMatch: tag, ifNoneMatch: .none) == "found abc \(old)")
        let other = Precondition.tags(Array(",b,".utf8))
        #expect(try read(.text(old), ifMatch: other, ifNoneMatch: .none) == "precondition failed")
        #expect(try read(.reply("$-1"), ifMatch: .any, ifNoneMatch: .none) == "precondition failed")
    }

    @Test func documentsOfOtherSoftware() throws {
        let foreign = #"{"state":{},"version":1}"#
        #expect(try StoreUnderTest([.text(foreign)], renewsOnRead: false).read() == "found 0123456789 \(foreign)")
        let test = StoreUnderTest([.text("[]")])
        #expect(try test.read() == "nothing stored")
        #expect(test.told == ["warning a stored value is not a document, and counts as nothing stored"])
    }

    @Test func failures() throws {
        #expect(try StoreUnderTest([.failure(.timedOut)]).read() == "notCarriedOut")
        let refused = StoreUnderTest([.reply("-LOADING Redis is loading the dataset in memory")])
        #expect(try refused.read() == "notCarriedOut")
        #expect(refused.told == ["error Redis refused a command code=LOADING command=get"])
        for answer in ["+OK", ":1", "*0"] {
            let test = StoreUnderTest([.reply(answer)])
            #expect(try test.read() == "notCarriedOut")
            #expect(test.redis.remedies == [.givenUp])
        }
    }

    @Test func whatWasSavedLongAgoIsRenewedBehindTheAnswer() throws {
        let test = StoreUnderTest([.text(old), .reply(":899999"), .reply(":1")])
        #expect(try test.read() == "found abc \(old)")
        #expect(test.redis.commands == [["GET", "p:u:w"], ["PTTL", "p:u:w"], ["EXPIRE", "p:u:w", "1000"]])
        #expect(test.redis.areWrites == [false, false, true])
    }

    @Test(arguments: [900_000, -1, -2]) func unlessEnoughTimeIsLeft(milliseconds: Int) throws {
        let test = StoreUnderTest([.text(old), .reply(":\(milliseconds)")])
        #expect(try test.read() == "found abc \(old)")
        #expect(test.redis.commands.map { $0[0] } == ["GET", "PTTL"])
    }

    @Test func orReadsRenewNothing() throws {
        let test = StoreUnderTest([.text(old)], renewsOnRead: false)
        #expect(try test.read() == "found abc \(old)")
        #expect(test.redis.commands.count == 1)
    }

    @Test func whatBecomesOfTheRenewalIsNoMatterOfTheRead() throws {
        for answer in [ScriptedRedis.Answer.reply("-READONLY no"), .failure(.unanswered)] {
            let test = StoreUnderTest([.text(old), answer])
            #expect(try test.read() == "found abc \(old)")
            #expect(test.redis.remedies.isEmpty && test.told.isEmpty)
        }
        let test = StoreUnderTest([.text(old), .reply("+OK")])
        #expect(try test.read() == "found abc \(old)")
        #expect(test.redis.remedies == [.givenUp])
    }

    @Test func whoeverWaitsForTheEndIsTold() throws {
        let test = StoreUnderTest([.text(old), .reply(":1"), .reply(":1")])
        var calls = 0
        test.store.whenIdle { calls += 1 }
        #expect(calls == 1)
        // As a CGI program does, whose answer ends it.
        var callsAtResult: Int?
        test.onResult = {
            test.store.whenIdle { calls += 1 }
            callsAtResult = calls
        }
        #expect(try test.read() == "found abc \(old)")
        #expect(callsAtResult == 1 && calls == 2)
        #expect(test.redis.commands.map { $0[0] } == ["GET", "PTTL", "EXPIRE"])
    }
}
