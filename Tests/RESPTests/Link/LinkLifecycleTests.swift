import SwiftSupport
import Testing

@testable import RESP

struct LinkLifecycleTests {
    private let second: UInt64 = 1_000_000_000

    @Test func whatWasOfUseIsTriedAgainAtOnce() {
        var random = SeededGenerator(seed: 1)
        var lifecycle = LinkLifecycle()
        #expect(lifecycle.shouldConnect(0) && lifecycle.acceptsCommands)
        lifecycle.began(until: second)
        #expect(lifecycle.acceptsCommands && !lifecycle.hasTimedOut(second - 1) && lifecycle.hasTimedOut(second))
        lifecycle.succeeded(0)
        #expect(!lifecycle.shouldConnect(5))
        #expect(lifecycle.lost(now: second, wasOfUse: false, using: &random) == false)
        #expect(lifecycle.shouldConnect(second) && lifecycle.acceptsCommands)
    }

    @Test func whatFailsIsTriedAgainLaterAndLater() {
        var random = SeededGenerator(seed: 1)
        var lifecycle = LinkLifecycle()
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<12 {
            lifecycle.began(until: now + second)
            #expect(lifecycle.lost(now: now, wasOfUse: false, using: &random))
            #expect(!lifecycle.acceptsCommands && !lifecycle.shouldConnect(now))
            guard let retryAt = lifecycle.deadline else { return }
            pauses.append(retryAt - now)
            now = retryAt
            #expect(lifecycle.shouldConnect(now))
        }
        for (index, pause) in pauses.enumerated() {
            let bound = min(Backoff.longest, Backoff.shortest << min(UInt64(index), 16))
            #expect((bound / 2...bound).contains(pause))
        }
        // While it is being probed, commands are still refused; then they are not.
        lifecycle.began(until: now + second)
        #expect(!lifecycle.acceptsCommands)
        lifecycle.succeeded(now)
        #expect(lifecycle.acceptsCommands)
    }

    @Test func aServerThatOnlyAcceptsToCloseIsNotAskedInALoop() {
        var random = SeededGenerator(seed: 1)
        var lifecycle = LinkLifecycle()
        for attempt in 1...LinkLifecycle.mostUseless {
            lifecycle.began(until: second)
            lifecycle.succeeded(10)
            #expect(lifecycle.lost(now: 11, wasOfUse: false, using: &random) == (attempt == LinkLifecycle.mostUseless))
        }
        #expect(!lifecycle.shouldConnect(11) && !lifecycle.acceptsCommands)
    }

    @Test func whatIsCutAgainAndAgainIsOfUseInBetween() {
        var random = SeededGenerator(seed: 1)
        var lifecycle = LinkLifecycle()
        for _ in 1...100 {
            lifecycle.began(until: second)
            lifecycle.succeeded(10)
            #expect(!lifecycle.lost(now: 11, wasOfUse: true, using: &random))
            #expect(lifecycle.acceptsCommands && lifecycle.shouldConnect(11))
        }
    }

    @Test func aLookUpThatTakesLongHoldsNobodyUp() {
        var lifecycle = LinkLifecycle()
        lifecycle.began(until: second)
        lifecycle.isTakingLong()
        #expect(!lifecycle.acceptsCommands && !lifecycle.hasTimedOut(.max - 1))
        // The address is there: others are served once it answers, not before.
        lifecycle.began(until: 2 * second)
        #expect(!lifecycle.acceptsCommands)
        lifecycle.succeeded(second)
        #expect(lifecycle.acceptsCommands)
    }
}
