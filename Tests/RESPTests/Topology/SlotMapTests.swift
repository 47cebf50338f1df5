import Testing

@testable import RESP

struct SlotMapTests {
    private let asked = Endpoint.Address.tcp(host: "seed", port: 6379)

    private func map(_ text: String) throws -> SlotMap? { try withReply(text) { SlotMap($0, asked: asked) } }

    private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private func node(_ host: String?, _ port: Int, more: String = "") -> String {
        let count = more.isEmpty ? 3 : 4
        return "*\(count)\r\n\(host.map(bulk) ?? "_\r\n"):\(port)\r\n\(bulk("id"))\(more)"
    }

    private func part(_ first: Int, _ last: Int, _ nodes: String...) -> String {
        "*\(2 + nodes.count)\r\n:\(first)\r\n:\(last)\r\n\(nodes.joined())"
    }

    private func whole(_ parts: String...) -> String { "*\(parts.count)\r\n\(parts.joined())" }

    @Test func mastersAndReplicasAreRead() throws {
        let text = whole(
            part(0, 99, node("a", 1), node("b", 2)),
            part(200, 16383, node("c", 3), node("b", 2)),
            part(100, 100, node("a", 1), node("b", 2))
        )
        let map = try #require(try map(text))
        #expect(map.masters == [.tcp(host: "a", port: 1), .tcp(host: "c", port: 3)])
        #expect(map.replicas == [.tcp(host: "b", port: 2)])
        #expect(map.owners[0] == 0 && map.owners[100] == 0 && map.owners[200] == 1 && map.owners[16383] == 1)
        #expect(map.owners[101] == SlotMap.nobody && map.uncovered == [101...199])
    }

    @Test func aNodeWithoutAHostHasThatOfTheOneAsked() throws {
        for host in [nil, ""] as [String?] {
            let map = try #require(try map(whole(part(0, 16383, node(host, 7000)))))
            #expect(map.masters == [.tcp(host: "seed", port: 7000)])
        }
        let null = try #require(try map(whole(part(0, 1, "*3\r\n$-1\r\n:7000\r\n\(bulk("id"))"))))
        #expect(null.masters == [.tcp(host: "seed", port: 7000)])
    }

    @Test func aNodeWithoutANameHasItsAddress() throws {
        // From 7.0 on there is more of a node: an array, or in RESP3 a map.
        for kind in ["*2", "%1"] {
            let more = "\(kind)\r\n\(bulk("ip"))\(bulk("10.0.0.1"))"
            let map = try #require(try map(whole(part(0, 1, node("?", 7000, more: more)))))
            #expect(map.masters == [.tcp(host: "10.0.0.1", port: 7000)])
        }
        let unknown = try #require(try map(whole(part(0, 1, node("?", 7000, more: "*0\r\n")))))
        #expect(unknown.masters.isEmpty && unknown.uncovered == [0...16383])
    }

    @Test func moreOfANodeIsNoMatterWhereItHasAName() throws {
        let more = "*2\r\n\(bulk("ip"))\(bulk("10.0.0.1"))"
        let map = try #require(try map(whole(part(0, 1, node("redis-1.example.org", 7000, more: more)))))
        #expect(map.masters == [.tcp(host: "redis-1.example.org", port: 7000)])
    }

    @Test func aClusterMayHaveNoSlots() throws {
        let map = try #require(try map("*0\r\n"))
        #expect(map.masters.isEmpty && map.uncovered == [0...16383])
    }

    @Test func whatIsNoMapIsNone() throws {
        let others = [
            "+OK\r\n", "*1\r\n:1\r\n", whole(part(5, 4, node("a", 1))), whole(part(0, 16384, node("a", 1))),
            whole(part(-1, 4, node("a", 1))), whole("*2\r\n:0\r\n:1\r\n"), whole("*3\r\n:0\r\n:1\r\n+a\r\n"),
        ]
        for text in others { #expect(try map(text) == nil, "\(text)") }
    }
}
