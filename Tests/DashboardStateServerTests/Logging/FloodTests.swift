import Testing

@testable import DashboardStateServer

/// One identity that takes more than half.
struct FloodTests {
    private static let second: UInt64 = 1_000_000_000

    private func names(_ number: UInt64) -> IdentityNames.Names { IdentityNames.Names(user: number, workspace: 0) }

    /// Requests of a time, evenly; each share of a hundred requests is the identity's.
    /// - Returns: what was told, with the second.
    private func tell(
        seconds: Range<UInt64>,
        rate: UInt64,
        percent: UInt64,
        _ tally: inout FloodTally
    ) -> [(UInt64, FloodTally.Flood)] {
        var told: [(UInt64, FloodTally.Flood)] = []
        for number in (seconds.lowerBound * rate)..<(seconds.upperBound * rate) {
            let isFlood = number % 100 < percent
            let time = 5 * Self.second + number * Self.second / rate
            if let flood = tally.add(names(isFlood ? 7 : 1000 + number), weight: 1, at: time) {
                told.append((number / rate, flood))
            }
        }
        return told
    }

    @Test func isToldWithinSecondsAndThenOnceAMinute() {
        var tally = FloodTally()
        #expect(tell(seconds: 0..<30, rate: 100, percent: 40, &tally).isEmpty)
        let told = tell(seconds: 30..<160, rate: 100, percent: 70, &tally)
        #expect(told.map(\.0) == [40, 100])
        #expect(told.allSatisfy { $0.1.names == names(7) && abs($0.1.share - 0.7) < 0.01 && $0.1.rate == 100 })
    }

    @Test func isNoneWhereThereAreFewRequests() {
        var tally = FloodTally()
        #expect(tell(seconds: 0..<100, rate: 49, percent: 100, &tally).isEmpty)
        // Nor where many came long ago.
        tally = FloodTally()
        for number in 0..<600 { #expect(tally.add(names(7), weight: 1, at: UInt64(number)) == nil) }
        #expect(tally.add(names(7), weight: 1, at: 60 * Self.second) == nil)
    }

    @Test func countsWhatARequestStandsFor() {
        var tally = FloodTally()
        #expect(tally.add(names(1), weight: 300, at: 0) == nil)
        #expect(tally.add(names(7), weight: 900, at: 1) == nil)
        let flood = tally.add(names(2), weight: 0, at: FloodTally.period)
        #expect(flood == FloodTally.Flood(names: names(7), share: 0.75, rate: 120))
    }

    @Test func clocksOfLoopsThatAreBehindDoNoHarm() {
        var tally = FloodTally()
        #expect(tally.add(names(1), weight: 1, at: 5) == nil)
        #expect(tally.add(names(1), weight: 1, at: 0) == nil)
    }

    @Test func samplesStandForAllRequestsWhateverTheirHabits() {
        var samples = RequestSamples(takesAny: true, seed: 1)
        var (weights, looks) = ([0, 0], 0)
        for number in 0..<100_000 where samples.isDue() {
            // A loop that has ten thousand a second.
            let weight = samples.take(at: UInt64(number) * 100_000)
            weights[number % 2] += weight ?? 0
            looks += weight == nil ? 0 : 1
        }
        let total = weights[0] + weights[1]
        #expect((99_000...100_000).contains(total) && (800...1000).contains(looks))
        // Two that take turns have half each.
        #expect(abs(Double(weights[0]) / Double(total) - 0.5) < 0.06)
        var none = RequestSamples(takesAny: false)
        #expect(!(0..<1000).contains { _ in none.isDue() })
    }
}
