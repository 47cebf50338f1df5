import DashboardState
import SwiftSupport
import Testing

@testable import RESP
@testable import StateStore

/// What the masters of a cluster say together.
struct ReadinessSurveyTests {
    private let shares = [
        KeyShare(slots: [0...5460], isServed: true), KeyShare(slots: [5461...10922, 16000...16000], isServed: true),
        KeyShare(slots: [10923...15999, 16001...16383], isServed: true),
    ]

    private func ask(
        _ answers: ScriptedRedis.Answer...,
        of shares: [KeyShare],
        prefix: String = "p:"
    ) throws -> String? {
        let test = StoreUnderTest(answers, prefix: prefix)
        test.redis.shares = shares
        let result = try test.tryWrite()
        #expect(test.redis.leftAnswers == 0)
        let keys = test.redis.commands.map { HashSlot(of: Array($0[1].utf8).span.bytes).number }
        let served = shares.filter(\.isServed)
        if prefix == "p:" { #expect(zip(served, keys).allSatisfy { $0.contains($1) } && keys.count == served.count) }
        return result
    }

    private let yes = ScriptedRedis.Answer.reply("_")
    private let full = ScriptedRedis.Answer.reply("-OOM no")

    @Test func allOfThemAreAsked() throws {
        #expect(try ask(yes, yes, yes, of: shares) == "ready")
    }

    @Test func whoDoesNotAnswerIsNamedByItsSlots() throws {
        let result = try ask(yes, .failure(.away), .reply("-CLUSTERDOWN no"), of: shares)
        #expect(result == "partly: 2 of 3 masters cannot be asked: slots 5461-16383")
        #expect(try ask(.failure(.away), .failure(.away), .failure(.away), of: shares) == "notCarriedOut")
    }

    @Test func soAreSlotsThatNobodyServes() throws {
        let parts = [KeyShare(slots: [0...16382], isServed: true), KeyShare(slots: [16383...16383], isServed: false)]
        #expect(try ask(yes, of: parts) == "partly: no master serves slots 16383")
        #expect(try ask(.failure(.away), of: parts) == "notCarriedOut")
    }

    @Test func whereAllTakeReadsAloneItIsReadOnly() throws {
        let result = try ask(full, full, .failure(.away), of: shares)
        #expect(result?.hasPrefix("read-only: 1 of 3 masters cannot be asked") == true)
        #expect(result?.contains("2 of 3 masters take no writes: slots 0-10922,16000: Redis is full") == true)
        #expect(try ask(yes, full, yes, of: shares)?.hasPrefix("partly: 1 of 3 masters take no writes") == true)
    }

    @Test func whereTheKeysAreAllOneMastersItAloneIsAsked() throws {
        #expect(try ask(yes, of: shares, prefix: "{tag}:") == "ready")
        #expect(try ask(.failure(.away), of: shares, prefix: "{tag}:") == "notCarriedOut")
    }

    @Test func aShareOfOneSlotHasAKeyToo() throws {
        let parts = [KeyShare(slots: [77...77], isServed: true), KeyShare(slots: [78...16383], isServed: true)]
        #expect(try ask(yes, yes, of: parts) == "ready")
    }
}
