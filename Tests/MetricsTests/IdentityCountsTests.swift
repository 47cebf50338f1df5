import Testing

@testable import Metrics

struct IdentityCountsTests {
    private let second: UInt64 = 1_000_000_000
    private let hash = IdentityHash(key: 1)

    private func hash(_ user: String, _ workspace: String = "w") -> UInt64 {
        Array(user.utf8).withUnsafeBytes { user in
            Array(workspace.utf8).withUnsafeBytes {
                hash(RawSpan(_unsafeBytes: user), RawSpan(_unsafeBytes: $0))
            }
        }
    }

    @Test func theBusiestOfAllLoopsHasItsShare() {
        let loops = [IdentityCounts(), IdentityCounts()]
        var places = [IdentityCounts.Place(), IdentityCounts.Place()]
        let now = 1000 * second
        #expect(IdentityCounts.busiestRatio(loops, at: now) == 0)
        for number in 0..<600 {
            let user = number % 2 == 0 ? "flooding" : "user \(number)"
            loops[number % 4 / 2].add(hash(user), at: now, &places[number % 4 / 2])
        }
        let ratio = IdentityCounts.busiestRatio(loops, at: now + second)
        #expect(ratio >= 0.5 && ratio < 0.52)
    }

    @Test func aMinuteLaterItIsForgotten() {
        let counts = IdentityCounts()
        var place = IdentityCounts.Place()
        let now = 1000 * second
        for _ in 0..<100 { counts.add(hash("flooding"), at: now, &place) }
        for number in 0..<100 { counts.add(hash("user \(number)"), at: now + 30 * second, &place) }
        #expect(IdentityCounts.busiestRatio([counts], at: now + 49 * second) >= 0.5)
        // Also where nothing is counted that would take its place.
        #expect(IdentityCounts.busiestRatio([counts], at: now + 61 * second) < 0.1)
        #expect(IdentityCounts.busiestRatio([counts], at: now + 100 * second) == 0)
        // The place of the first ten seconds is another's now.
        counts.add(hash("late"), at: now + 70 * second, &place)
        #expect(IdentityCounts.busiestRatio([counts], at: now + 70 * second) < 0.1)
    }

    @Test func identitiesAreToldApart() {
        var seen: Set<UInt64> = []
        let parts = [
            "", "a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", String(repeating: "x", count: 256),
        ]
        for user in parts { for workspace in parts { seen.insert(hash(user, workspace)) } }
        #expect(seen.count == parts.count * parts.count)
        #expect(hash("u1", "w1") == hash("u1", "w1"))
        // Neighbours do not share cells more than by chance: 1000 in 1024 cells take some 630 of them.
        let cells = Set((0..<1000).map { hash("user-\($0)") & 1023 })
        #expect((570...700).contains(cells.count))
    }
}
