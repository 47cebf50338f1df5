import DashboardState
import StateStore
import SwiftSupport
import Testing

/// What becomes of answers that wait for replicas, without Redis.
struct ReplicatedTests {
    @Test func acknowledgementsAreHeld() throws {
        let acknowledgements = [
            ("saved", "saved 7"), ("replaced", "saved 7 over another"), ("unchanged abc", "unchanged 7 abc"),
        ]
        for (answer, result) in acknowledgements {
            let test = StoreUnderTest([.text(answer)], waits: true)
            #expect(try test.save() == nil && test.results.isEmpty)
            #expect(test.redis.release(true) == 1 && test.results == [result])
        }
        for (answer, result) in [("deleted", "deleted"), ("nothing", "nothing to delete")] {
            let test = StoreUnderTest([.text(answer)], waits: true)
            #expect(try test.delete() == nil)
            #expect(test.redis.release(true) == 1 && test.results == [result])
        }
    }

    @Test func withoutReplicasNobodyKnows() throws {
        for answer in ["saved", "replaced", "unchanged abc"] {
            let test = StoreUnderTest([.text(answer)], waits: true)
            #expect(try test.save() == nil)
            test.redis.release(false)
            #expect(test.results == ["outcomeUnknown"])
        }
        let test = StoreUnderTest([.text("deleted")], waits: true)
        #expect(try test.delete(Conditions(ifMatch: .any)) == nil)
        test.redis.release(false)
        #expect(test.results == ["outcomeUnknown"])
    }

    @Test func whatIsNoAcknowledgementIsNot() throws {
        for (answer, result) in [("refused 9", "refused 9 "), ("failed", "precondition failed ")] {
            #expect(try StoreUnderTest([.text(answer)], waits: true).save() == result)
        }
        #expect(try StoreUnderTest([.failure(.unanswered)], waits: true).save() == "outcomeUnknown")
        #expect(try StoreUnderTest([.failure(.away)], waits: true).delete() == "notCarriedOut")
    }

    /// `DEL` of what is gone writes nothing, so that `WAIT` would say nothing of it.
    @Test func deletesAlwaysWrite() throws {
        let test = StoreUnderTest([.text("nothing"), .text("failed")], waits: true)
        #expect(try test.delete() == nil)
        _ = try test.delete(Conditions(ifMatch: .any, wantsCurrent: true))
        #expect(
            test.redis.commands[0].suffix(3) == ["w", "", ""] && test.redis.commands[1].suffix(3) == ["cw", "*", ""]
        )
    }
}
