import TestSupport
import Testing

@testable import RESP

struct LinkStateTests {
    private let second: UInt64 = 1_000_000_000

    @Test func whatWasOfUseIsTriedAgainAtOnce() {
        var random = SeededGenerator(seed: 1)
        var state = LinkState()
        #expect(state.shouldConnect(0) && state.acceptsCommands)
        state.began(until: second)
        #expect(state.acceptsCommands && !state.hasTimedOut(second - 1) && state.hasTimedOut(second))
        state.succeeded(0)
        #expect(!state.shouldConnect(5))
        #expect(state.lost(now: second, wasOfUse: false, using: &random) == false)
        #expect(state.shouldConnect(second) && state.acceptsCommands)
    }

    @Test func whatFailsIsTriedAgainLaterAndLater() {
        var random = SeededGenerator(seed: 1)
        var state = LinkState()
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<12 {
            state.began(until: now + second)
            #expect(state.lost(now: now, wasOfUse: false, using: &random))
            #expect(!state.acceptsCommands && !state.shouldConnect(now))
            guard let retryAt = state.deadline else { return }
            pauses.append(retryAt - now)
            now = retryAt
            #expect(state.shouldConnect(now))
        }
        for (index, pause) in pauses.enumerated() {
            let bound = min(Backoff.longest, Backoff.shortest << min(UInt64(index), 16))
            #expect((bound / 2...bound).contains(pause))
        }
        // While it is being probed, commands are still refused; then they are not.
        state.began(until: now + second)
        #expect(!state.acceptsCommands)
        state.succeeded(now)
        #expect(state.acceptsCommands)
    }

    @Test func aServerThatOnlyAcceptsToCloseIsNotAskedInALoop() {
        var random = SeededGenerator(seed: 1)
        var state = LinkState()
        for attempt in 1...LinkState.mostUseless {
            state.began(until: second)
            state.succeeded(10)
            #expect(state.lost(now: 11, wasOfUse: false, using: &random) == (attempt == LinkState.mostUseless))
        }
        #expect(!state.shouldConnect(11) && !state.acceptsCommands)
    }

    @Test func whatIsCutAgainAndAgainIsOfUseInBetween() {
        var random = SeededGenerator(seed: 1)
        var state = LinkState()
        for _ in 1...100 {
            state.began(until: second)
            state.succeeded(10)
            #expect(!state.lost(now: 11, wasOfUse: true, using: &random))
            #expect(state.acceptsCommands && state.shouldConnect(11))
        }
    }

    @Test func aLookUpThatTakesLongHoldsNobodyUp() {
        var state = LinkState()
        state.began(until: second)
        state.isTakingLong()
        #expect(!state.acceptsCommands && !state.hasTimedOut(.max - 1))
        // The address is there: others are served once it answers, not before.
        state.began(until: 2 * second)
        #expect(!state.acceptsCommands)
        state.succeeded(second)
        #expect(state.acceptsCommands)
    }
}
