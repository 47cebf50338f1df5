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
        #expect(state.lost(now: second, using: &random) == false)
        #expect(state.shouldConnect(second) && state.acceptsCommands)
    }

    @Test func whatFailsIsTriedAgainLaterAndLater() {
        var random = SeededGenerator(seed: 1)
        var state = LinkState()
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<12 {
            state.began(until: now + second)
            #expect(state.lost(now: now, using: &random))
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
        state.began(until: second)
        state.succeeded(10)
        #expect(state.lost(now: 11, using: &random))
        #expect(!state.shouldConnect(11))
    }
}
