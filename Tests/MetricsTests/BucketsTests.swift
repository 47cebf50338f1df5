import Testing

@testable import Metrics

struct BucketsTests {
    private let buckets = Buckets([100: "1.0", 250: "2.5", 500: "5.0", 1000: "10.0"], scale: 100)

    @Test func aValueBelongsToTheFirstBoundThatIsNotLess() {
        for value: UInt64 in Array(0...2100) + [.max, 1 << 40] {
            let expected = buckets.bounds.firstIndex { value <= $0 } ?? 4
            #expect(buckets.index(value) == expected, "\(value)")
            #expect(buckets.lookUp.index(value) == expected, "\(value)")
        }
    }
}

struct CountersTests {
    @Test func whatIsCountedIsAddedUp() {
        let counters = Counters(count: 3)
        counters.add(at: 0)
        counters.add(5, at: 2)
        counters.add(7, at: 2)
        #expect((0..<3).map { counters[$0] } == [1, 0, 12])
    }
}
