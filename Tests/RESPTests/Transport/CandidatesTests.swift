import Testing

@testable import RESP

struct CandidatesTests {
    private let addresses = ["/a", "/b", "/c"].map { SocketAddress(unix: $0) }

    @Test func eachIsTriedOnceARound() {
        var candidates = Candidates()
        #expect(candidates.isEmpty)
        candidates.found(addresses)
        for _ in 1...2 {
            candidates.begin()
            #expect((0..<4).map { _ in candidates.next() } == addresses + [nil])
        }
    }

    @Test func theOneThatWasOfUseComesFirst() {
        var candidates = Candidates()
        candidates.found(addresses)
        candidates.begin()
        _ = candidates.next()
        _ = candidates.next()
        candidates.succeeded()
        candidates.begin()
        #expect(candidates.remaining == 3)
        #expect((0..<3).map { _ in candidates.next() } == [addresses[1], addresses[0], addresses[2]])
        // A later look-up does not find it any more.
        candidates.found([addresses[0]])
        candidates.begin()
        #expect(candidates.next() == addresses[0] && candidates.next() == nil)
    }

    @Test func aLookUpChangesNoRoundUnderWay() {
        var candidates = Candidates()
        candidates.found(addresses)
        candidates.begin()
        #expect(candidates.next() == addresses[0])
        candidates.found([addresses[2]])
        #expect(candidates.next() == addresses[1])
    }
}
