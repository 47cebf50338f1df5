import Testing

@testable import Tracing

struct ExportTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func whatIsTakenIsFollowedByTheNextAtOnce() {
        var policy = ExportPolicy()
        #expect(policy.decide(.accepted, random: 7) == .next(after: 0))
    }

    @Test func whatMayComeRightIsTriedAgainAndGivenUp() {
        var policy = ExportPolicy()
        var waits: [UInt64] = []
        for attempt in 1...ExportPolicy.mostAttempts {
            let decision = policy.decide(.mayComeRight(after: nil), random: 0)
            switch decision {
            case .again(let wait): waits.append(wait)
            case .next(let wait):
                waits.append(wait)
                #expect(attempt == ExportPolicy.mostAttempts)
            }
        }
        #expect(waits == [1, 2, 4, 8].map { $0 * Self.second * 3 / 4 })
        // The next batch waits as long, and has as many attempts.
        guard case .again(let wait) = policy.decide(.mayComeRight(after: nil), random: 0) else {
            Issue.record("given up at once")
            return
        }
        #expect(wait == 12 * Self.second)
        for _ in 0..<20 { _ = policy.decide(.mayComeRight(after: nil), random: 0) }
        guard case .again(let longest) = policy.decide(.mayComeRight(after: nil), random: .max) else { return }
        #expect(longest <= ExportPolicy.longestWait * 5 / 4)
    }

    @Test func whatIsRefusedIsNotTriedAgainButTheNextWaits() {
        var policy = ExportPolicy()
        #expect(policy.decide(.refused, random: 0) == .next(after: Self.second * 3 / 4))
        #expect(policy.decide(.refused, random: 0) == .next(after: 2 * Self.second * 3 / 4))
        #expect(policy.decide(.accepted, random: 0) == .next(after: 0))
        #expect(policy.decide(.refused, random: 0) == .next(after: Self.second * 3 / 4))
    }

    @Test func aCollectorCanAskForTime() {
        var policy = ExportPolicy()
        #expect(policy.decide(.mayComeRight(after: 9 * Self.second), random: 0) == .again(after: 9 * Self.second))
        #expect(policy.decide(.mayComeRight(after: 0), random: 0) == .again(after: 2 * Self.second * 3 / 4))
        #expect(
            policy.decide(.mayComeRight(after: .max), random: 0) == .again(after: ExportPolicy.longestAskedFor)
        )
    }

    @Test func waitsAreSpread() {
        let waits = (0..<100).map { number -> ExportPolicy.Decision in
            var policy = ExportPolicy()
            return policy.decide(.refused, random: UInt64(number) * 5_000_003)
        }
        #expect(Set(waits.map { "\($0)" }).count > 90)
    }

    private final class Record: SpanRecord {
        let number: Int
        init(_ number: Int) { self.number = number }
        var spanCount: Int { number % 2 == 0 ? 1 : 2 }
        func write(_ offset: UInt64, to document: inout SpanDocument) {}
    }

    @Test func aQueueHoldsSoManyAndCountsTheRest() throws {
        let counts = SpanCounts()
        let queue = try SpanQueue(capacity: 5, plenty: 3, counts)
        var records: [any SpanRecord] = (0..<3).map { Record($0) }
        queue.offer(&records)
        #expect(records.isEmpty && counts.dropped == 0)
        records = (3..<8).map { Record($0) }
        queue.offer(&records)
        // 5, 6 and 7 found no room.
        #expect(records.isEmpty && counts.dropped == 5)
        var taken: [any SpanRecord] = []
        queue.take(&taken)
        #expect(taken.map { ($0 as? Record)?.number } == [0, 1, 2, 3, 4])
        records = [Record(9)]
        queue.offer(&records, waits: true)
        taken.removeAll()
        queue.take(&taken)
        #expect(taken.map { ($0 as? Record)?.number } == [9])
    }
}
