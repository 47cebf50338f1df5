import Testing

@testable import RESP

struct MasterVotesTests {
    private static let former = Endpoint.Address.tcp(host: "10.0.0.1", port: 6379)
    private static let present = Endpoint.Address.tcp(host: "10.0.0.2", port: 6379)
    private static let foreign = Endpoint.Address.tcp(host: "10.6.6.6", port: 6379)

    private func votes(_ statements: SentinelStatement?...) -> MasterVotes {
        var votes = MasterVotes(sentinels: statements.count)
        for (index, statement) in statements.enumerated() { if let statement { votes.heard(statement, from: index) } }
        return votes
    }

    @Test func aMajorityNeedNotWait() {
        let two = votes(.names(Self.present, epoch: 1), nil, .names(Self.present, epoch: 1))
        #expect(two.verdict(isOver: false) == .agreed(Self.present))
        #expect(votes(.names(Self.present, epoch: 1)).verdict(isOver: false) == .agreed(Self.present))
        // Half is none.
        let half = votes(.names(Self.present, epoch: 1), nil)
        #expect(half.verdict(isOver: false) == .open && half.verdict(isOver: true) == .disputed([Self.present]))
    }

    @Test(arguments: [
        SentinelStatement.names(foreign, epoch: 1_000_000), .knowsNoSuchMaster, .refuses(.noPermission), .isGarbage,
        .isAway,
    ])
    func oneThatLiesOrIsAwayChangesNothing(liar: SentinelStatement) {
        let three = votes(liar, .names(Self.present, epoch: 2), .names(Self.present, epoch: 2))
        #expect(three.verdict(isOver: false) == .agreed(Self.present))
    }

    @Test func thoseOnTheOtherSideOfABrokenNetworkAreFewer() {
        let five = votes(
            .names(Self.former, epoch: 1),
            .names(Self.former, epoch: 1),
            .names(Self.present, epoch: 2),
            .names(Self.present, epoch: 2),
            .names(Self.present, epoch: 2)
        )
        #expect(five.verdict(isOver: false) == .agreed(Self.present))
        #expect(!five.isOutdated(Self.present) && five.isOutdated(Self.former))
        // They are believed where nobody else is heard.
        let alone = votes(.names(Self.former, epoch: 1), .isAway, .isAway)
        #expect(alone.verdict(isOver: false) == .disputed([Self.former]))
    }

    @Test func withoutAMajorityTheLatestFailoverCounts() {
        let apart = votes(.names(Self.former, epoch: 1), .names(Self.present, epoch: 2), .isAway)
        #expect(apart.verdict(isOver: false) == .disputed([Self.present, Self.former]))
        let waiting = votes(.names(Self.former, epoch: 1), .names(Self.present, epoch: 2), nil)
        #expect(waiting.verdict(isOver: false) == .open)
        #expect(waiting.verdict(isOver: true) == .disputed([Self.present, Self.former]))
        #expect(waiting.isOutdated(Self.former) && !waiting.isOutdated(Self.present))
        // Equals are tried in the order of the URL.
        let equals = votes(.names(Self.former, epoch: 1), .names(Self.present, epoch: 1), .isAway)
        #expect(equals.verdict(isOver: false) == .disputed([Self.former, Self.present]))
    }

    @Test func thatNobodyNamesOneHasReasons() {
        #expect(votes(.isAway, .isAway, .isAway).verdict(isOver: false) == .unknown(.sentinelsAway))
        #expect(votes(.isAway, .knowsNoSuchMaster, .isAway).verdict(isOver: false) == .unknown(.unknownName))
        #expect(votes(.refuses(.noPermission), .isAway).verdict(isOver: false) == .unknown(.refused))
        // While nobody names one, whoever has not spoken may.
        #expect(votes(.isAway, .knowsNoSuchMaster, nil).verdict(isOver: true) == .open)
    }

    @Test func onlyTheLastWordCounts() {
        var votes = votes(.names(Self.former, epoch: 1), .names(Self.former, epoch: 1), .isAway)
        votes.heard(.names(Self.present, epoch: 2), from: 0)
        votes.heard(.names(Self.present, epoch: 2), from: 1)
        #expect(votes.verdict(isOver: false) == .agreed(Self.present))
        votes.begin()
        #expect(votes.verdict(isOver: true) == .open)
    }
}
