import Testing

@testable import RESP

struct MapRefreshTests {
    private let a = node(1)
    private let b = node(2)
    private let c = node(3)
    private let millisecond: UInt64 = 1_000_000

    private static func node(_ port: UInt16) -> Endpoint.Address { .tcp(host: "n", port: port) }

    private func refresh(_ seeds: [Endpoint.Address]) -> Refresh {
        Refresh(MapRefresh(seeds: seeds, timeout: 2000 * millisecond, turn: seeds.count - 1))
    }

    /// The same as a class: the macros of tests want nothing that changes in place.
    private final class Refresh {
        private var rules: MapRefresh
        init(_ rules: MapRefresh) { self.rules = rules }
        var isAway: Bool { rules.isAway }
        var deadline: UInt64? { rules.deadline }
        func next(_ now: UInt64) -> MapRefresh.Action { rules.next(now) }
        func failed(_ now: UInt64) -> Bool { rules.failed(now) }
        func succeeded(_ nodes: [Endpoint.Address], _ now: UInt64) { rules.succeeded(nodes, now) }
        func want() { rules.want() }
        func hasTimedOut(_ now: UInt64) -> Bool { rules.hasTimedOut(now) }
    }

    @Test func oneSeedAfterTheOtherIsAskedAtOnce() {
        let refresh = refresh([a, b])
        #expect(refresh.next(5) == .ask(a) && refresh.next(6) == .none)
        #expect(!refresh.failed(7) && !refresh.isAway)
        #expect(refresh.next(7) == .ask(b))
        #expect(refresh.failed(8) && refresh.isAway)
    }

    @Test func aRoundThatFailsIsFollowedByAnotherAfterPausesThatGrow() {
        let refresh = refresh([a])
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<6 {
            #expect(refresh.next(now) == .ask(a) && refresh.failed(now) && refresh.next(now) == .none)
            let due = refresh.deadline ?? 0
            pauses.append((due - now) / millisecond)
            now = due
        }
        #expect(pauses == [50, 100, 200, 400, 500, 500])
        #expect(refresh.next(now) == .ask(a))
        refresh.succeeded([a], now)
        #expect(!refresh.isAway && refresh.deadline == nil)
    }

    @Test func itIsNotAskedForOnceARequest() {
        let refresh = refresh([a])
        #expect(refresh.next(0) == .ask(a))
        refresh.succeeded([b, c], 0)
        #expect(refresh.next(MapRefresh.pause) == .none)
        for _ in 0..<100 { refresh.want() }
        #expect(refresh.next(MapRefresh.pause - 1) == .none && refresh.deadline == MapRefresh.pause)
        guard case .ask = refresh.next(MapRefresh.pause) else {
            Issue.record("nobody is asked")
            return
        }
        #expect(refresh.next(MapRefresh.pause) == .none)
    }

    @Test func knownNodesComeInTurnAndSeedsLast() {
        let refresh = refresh([a])
        #expect(refresh.next(0) == .ask(a))
        refresh.succeeded([b, c], 0)
        var first: [MapRefresh.Action] = []
        for round in 1...4 {
            let now = UInt64(round) * MapRefresh.pause
            refresh.want()
            let asked = refresh.next(now)
            first.append(asked)
            #expect(!refresh.failed(now))
            #expect([MapRefresh.Action.ask(b), .ask(c)].contains(refresh.next(now)) && !refresh.failed(now))
            #expect(refresh.next(now) == .ask(a))
            refresh.succeeded([b, c], now)
        }
        #expect(Set([first[0], first[1]].map { "\($0)" }).count == 2 && first[0] == first[2] && first[1] == first[3])
    }

    @Test func whoTakesTooLongHasFailed() {
        let refresh = refresh([a, b])
        #expect(refresh.next(0) == .ask(a))
        #expect(refresh.deadline == 500 * millisecond && !refresh.hasTimedOut(499 * millisecond))
        #expect(refresh.hasTimedOut(500 * millisecond))
        // A line on which all take long has more time in later rounds.
        _ = refresh.failed(0)
        _ = refresh.next(0)
        #expect(refresh.failed(0))
        _ = refresh.next(50 * millisecond)
        #expect(refresh.deadline == 1050 * millisecond)
    }
}
