import EventLoop
import Logging
import Testing

@testable import RESP
@testable import StateStore

/// What operators are told of Redis, and how often.
struct RedisTroublesTests {
    private let log = LogLines()
    private let troubles: RedisTroubles

    init() {
        let logger = Logger(label: "test") { [log] _ in log }
        troubles = RedisTroubles(logger)
    }

    @Test func onceAMinuteWithHowOftenItCame() {
        let minute: UInt64 = 60_000_000_000
        func tell(_ sentence: String, _ now: UInt64) -> Bool { troubles.tell(.error, sentence, at: now) }
        #expect(tell("one", 0) && tell("other", 0) && !tell("one", 1) && !tell("one", minute - 1))
        #expect(tell("one", minute) && !tell("one", minute + 1) && tell("one", 2 * minute))
        let lines = ["error one", "error other", "error one more_since_told=2", "error one more_since_told=1"]
        #expect(log.lines == lines)
    }

    @Test func aServerThatRefusesWritesBesideOthersThatDoNotIsToldOnce() {
        for _ in 0..<3 {
            troubles.tooFewReplicas(0, of: ReplicaWait(replicas: 1, milliseconds: 400))
            troubles.writeSucceeded(isOfSeveral: true)
        }
        #expect(log.lines.count == 1)
        troubles.writeSucceeded(isOfSeveral: false)
        #expect(log.lines.last == "notice Redis takes writes again" && log.lines.count == 2)
    }

    @Test func severalServersTakeWritesAgainOnceNoneHasRefusedOneForAWhile() {
        let wait = ReplicaWait(replicas: 1, milliseconds: 400)
        troubles.tooFewReplicas(0, of: wait, at: Clock.monotonic() - min(Clock.monotonic(), 11_000_000_000))
        troubles.writeSucceeded(isOfSeveral: true)
        #expect(log.lines.last == "notice Redis takes writes again")
    }

    @Test func aConnectionIsNewsWhereItsLackWas() {
        troubles.connected()
        troubles.connected()
        #expect(log.lines == ["notice connected to Redis"])
        troubles.lost(.timedOut)
        troubles.connected()
        // The same loss again within the minute, and so no news of what follows it either.
        troubles.lost(.timedOut)
        troubles.connected()
        #expect(log.lines.map { String($0.prefix(12)) } == ["notice conne", "warning conn", "notice conne"])
    }

    @Test func whyThereIsNoneIsToldAnewAfterThereWasOne() {
        func count() -> Int { log.lines.count { $0.hasPrefix("error Redis cannot be used reason=") } }
        troubles.cannotBeUsed(.timedOut)
        troubles.cannotBeUsed(.timedOut)
        #expect(count() == 1)
        troubles.cannotBeUsed(.replica)
        #expect(count() == 2)
        troubles.connected()
        troubles.cannotBeUsed(.timedOut)
        #expect(count() == 3)
    }
}
