import Testing

@testable import StateStore

/// What nodes of a cluster tell of slots that are on their way.
struct OpenSlotsTests {
    private func node(_ slots: String) -> OpenSlots {
        OpenSlots(
            """
            aa 127.0.0.1:1@2 master - 0 0 1 connected 0-99 [7->-bb]
            bb 127.0.0.1:3@4 myself,master - 0 0 2 connected \(slots)
            """
        )
    }

    private func findings(_ nodes: [OpenSlots], since before: [OpenSlots]? = nil) -> [[String]] {
        let breaks = OpenSlots.Breaks(nodes).lasting(since: OpenSlots.Breaks(before ?? nodes))
        return nodes.map { $0.findings("n", breaks).map { "\($0.level) \($0.sentence.prefix { $0 != ":" })" } }
    }

    @Test func whatANodeTellsOfItself() {
        let told = node("100-200 300 [100->-aa] [7-<-aa]")
        #expect(told.leaving == [100] && told.coming == [7])
        #expect([100, 150, 200, 300].allSatisfy(told.owns) && ![7, 201, 301].contains(where: told.owns))
        #expect(OpenSlots("") == OpenSlots("nonsense\n[7->-aa]\n") && node("[x->-aa] [7] [7-aa] []") == node(""))
        #expect(node("").findings("n", OpenSlots.Breaks([node("")])).isEmpty)
    }

    @Test func onTheirWay() {
        let nodes = [node("0-99 [1->-b] [2->-b] [9->-b]"), node("100 [1-<-a] [2-<-a] [9-<-a]")]
        let expected = ["warning slots 1-2,9 are on their way"]
        #expect(findings(nodes) == [expected, expected])
    }

    @Test func theirMasterDoesNotKnow() {
        let nodes = [node("0-99 [1->-b]"), node("100 [1-<-a] [5-<-a]")]
        let moving = "warning slots 1 are on their way"
        #expect(findings(nodes) == [[moving], ["error slots 5 come here, and their master does not know it", moving]])
        // Its master says nothing: it cannot be told.
        #expect(findings([node("100 [5-<-a]")]) == [["warning slots 5 are on their way"]])
    }

    @Test func nobodyTakesThem() {
        let nodes = [node("0-99 [5->-b]"), node("100")]
        let stated = "error slots 5 leave it, and no master takes them"
        #expect(findings(nodes) == [[stated], []])
        // A moment before all was well: the two are told one after the other.
        let before = [node("0-99 [5->-b]"), node("100 [5-<-a]")]
        let moving = "warning slots 5 are on their way"
        #expect(findings(nodes, since: before) == [[moving], []])
        // Broken before, and in another way.
        #expect(findings(nodes, since: [node("0-99"), node("100 [5-<-a]")]) == [[moving], []])
    }
}
