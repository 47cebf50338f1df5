import Testing

@testable import RESP
@testable import StateStore

/// What becomes of questions to nodes that send them on, change, or are away, over connections to scripted ones.
@Suite(.timeLimit(.minutes(5)))
struct ClusterLinkTests {
    private static let all = 0...HashSlot.count - 1
    private static let lower = 0...8191
    private static let upper = 8192...HashSlot.count - 1
    /// Whose states are in these halves.
    private let low = ClusterUnderTest.user(in: lower)
    private let high = ClusterUnderTest.user(in: upper)

    private func nodes(_ count: Int) -> [ScriptedNode] { (0..<count).map { _ in ScriptedNode() } }

    /// All of them tell this map from now on.
    private func tell(_ nodes: [ScriptedNode], _ map: (slots: ClosedRange<Int>, node: ScriptedNode)...) {
        for node in nodes { node.tell(map.map { ($0.slots, $0.node.port) }) }
    }

    private static func moved(_ user: String, to node: ScriptedNode) -> String {
        "-MOVED \(ClusterUnderTest.slot(of: user)) 127.0.0.1:\(node.port)"
    }

    private static func ask(_ user: String, at node: ScriptedNode) -> String {
        "-ASK \(ClusterUnderTest.slot(of: user)) 127.0.0.1:\(node.port)"
    }

    @Test func aQuestionWaitsForTheMapAndGoesToWhoHasItsSlot() throws {
        let (first, second) = (ScriptedNode(), ScriptedNode())
        tell([first, second], (Self.lower, first), (Self.upper, second))
        let test = try ClusterUnderTest(seeds: [first.port])
        test.when(true) {
            test.read(low)
            test.read(high)
        }
        test.when(test.results.count == 2) {}
        #expect(test.run() && test.results == ["nothing stored", "nothing stored"])
        #expect(first.asked == ["GET"] && second.asked == ["GET"] && first.mapsTold + second.mapsTold == 1)
    }

    @Test func movedIsFollowedAndKept() throws {
        let (former, owner) = (ScriptedNode(), ScriptedNode())
        tell([former, owner], (Self.all, former))
        former.answer { [low] _ in Self.moved(low, to: owner) }
        let test = try ClusterUnderTest(seeds: [former.port])
        test.read(low, at: 0)
        // The map is asked for anew, beside that; it still says the same, and so does the node.
        test.read(low, at: 1)
        test.when(test.results.count == 2) {}
        #expect(test.run() && test.results == ["nothing stored", "nothing stored"])
        #expect(former.asked == ["GET"] && owner.asked == ["GET", "GET"])
    }

    @Test func movedHasTheMapAskedForAnew() throws {
        let (former, owner) = (ScriptedNode(), ScriptedNode())
        tell([former], (Self.all, former))
        former.answer { [low] _ in Self.moved(low, to: owner) }
        let test = try ClusterUnderTest(seeds: [former.port])
        test.read(low, at: 0)
        test.when(test.results.count == 1) { tell([former, owner], (Self.all, owner)) }
        test.when(former.mapsTold == 2) {}
        // Another slot, of which no node has said a word.
        test.when(test.link.nodes.shares.count == 1 && former.connectionCount == 0) { test.read(high) }
        test.when(test.results.count == 2) {}
        #expect(test.run())
        #expect(former.asked == ["GET"] && owner.asked == ["GET", "GET"])
    }

    @Test func askHoldsForOneQuestion() throws {
        let (source, target) = (ScriptedNode(), ScriptedNode())
        tell([source, target], (Self.all, source))
        source.answer { [low] _ in Self.ask(low, at: target) }
        let test = try ClusterUnderTest(seeds: [source.port])
        test.read(low, at: 0)
        test.when(test.results.count == 1) { source.answer { _ in "$-1" } }
        test.read(low, at: 1)
        test.when(test.results.count == 2) {}
        #expect(test.run() && test.results == ["nothing stored", "nothing stored"])
        #expect(source.asked == ["GET", "GET"] && target.asked == ["ASKING", "GET"])
    }

    @Test func tryAgainIsAskedAgainOfTheSameNodeWithOneKey() throws {
        let node = ScriptedNode()
        tell([node], (Self.all, node))
        node.answer { words in
            words[2] == "2" ? "-TRYAGAIN Multiple keys request during rehashing of slot" : "$5\r\nsaved"
        }
        let test = try ClusterUnderTest(seeds: [node.port])
        test.when(true) { test.save(low) }
        test.when(test.results.count == 1) {}
        #expect(test.run() && test.results == ["saved 7"])
        #expect(node.asked == ["EVALSHA", "EVALSHA"])
    }

    @Test func aQuestionIsSentOnFiveTimes() throws {
        let pair = nodes(2)
        tell(pair, (Self.all, pair[0]))
        pair[0].answer { [low] _ in Self.moved(low, to: pair[1]) }
        pair[1].answer { [low] _ in Self.moved(low, to: pair[0]) }
        let test = try ClusterUnderTest(seeds: [pair[0].port])
        test.read(low, at: 0)
        test.when(test.results.count == 1) {}
        #expect(test.run() && test.results == ["notCarriedOut"])
        #expect(pair.map(\.asked.count) == [3, 3])
        #expect(test.told.contains { $0.contains("it was sent from node to node, and none took it") })
    }

    /// Who waits for a node that serves nothing any more gets its answer, and the node is let go then.
    @Test func aMapThatChangesTakesNoAnswerAway() throws {
        let (former, other, next) = (ScriptedNode(), ScriptedNode(), ScriptedNode())
        tell([former, other, next], (Self.lower, former), (Self.upper, other))
        former.answer { _ in nil }
        let test = try ClusterUnderTest(seeds: [other.port])
        test.read(low, at: 0)
        test.when(former.asked == ["GET"]) {
            tell([former, other, next], (Self.lower, next), (Self.upper, other))
            other.answer { [high] _ in Self.moved(high, to: next) }
            test.read(high)
        }
        let slot = UInt16(ClusterUnderTest.slot(of: low))
        // Places are given in the order of the first map.
        test.when(test.results.count == 1 && test.link.nodes.owner(slot) != 0) { test.read(low) }
        test.when(test.results.count == 2) {
            #expect(former.connectionCount >= 1 && former.asked == ["GET"])
            former.release("$-1")
        }
        test.when(test.results.count == 3 && former.connectionCount == 0) {}
        #expect(test.run() && test.results == ["nothing stored", "nothing stored", "nothing stored"])
        #expect(next.asked == ["GET", "GET"] && former.asked == ["GET"])
    }

    @Test func aNodeThatIsAwayKeepsNobodyElseWaiting() throws {
        let (away, other) = (ScriptedNode(), ScriptedNode())
        tell([away, other], (Self.lower, away), (Self.upper, other))
        away.stop()
        let test = try ClusterUnderTest(seeds: [other.port])
        test.when(true) {
            test.read(low)
            test.read(high)
        }
        test.when(test.results.count == 2) { tell([other], (Self.all, other)) }
        // A replica is promoted: its slots are served again, without anybody's help.
        test.when(test.link.nodes.shares.count == 1) { test.read(low) }
        test.when(test.results.count == 3) {}
        #expect(test.run())
        #expect(test.results.sorted() == ["notCarriedOut", "nothing stored", "nothing stored"])
        #expect(test.results.last == "nothing stored" && other.asked == ["GET", "GET"])
    }

    @Test func seedsThatAreAwayOrKnowNothingArePassedOver() throws {
        let (away, empty, good) = (ScriptedNode(), ScriptedNode(), ScriptedNode())
        away.stop()
        tell([good], (Self.all, good))
        for _ in 0..<3 {
            let test = try ClusterUnderTest(seeds: [away.port, empty.port, good.port])
            test.read(low, at: 0)
            test.when(test.results.count == 1) {}
            #expect(test.run() && test.results == ["nothing stored"])
        }
    }

    @Test func whereNobodyTellsTheMapWhoWaitsIsToldSoon() throws {
        let away = nodes(2)
        for node in away { node.stop() }
        let test = try ClusterUnderTest(seeds: away.map(\.port))
        test.read(low, at: 0)
        test.read(low, at: 1)
        test.when(test.results.count == 2) {}
        #expect(test.run() && test.results == ["notCarriedOut", "notCarriedOut"])
    }
}
