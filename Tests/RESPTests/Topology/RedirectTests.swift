import Testing

@testable import RESP

struct RedirectTests {
    private func told(_ text: String) throws -> Redirect? { try withReply("-\(text)\r\n") { Redirect($0) } }

    @Test func bothKindsAreRead() throws {
        let moved = try #require(try told("MOVED 3999 127.0.0.1:6381"))
        #expect(moved.kind == .moved && moved.slot.number == 3999 && moved.host == "127.0.0.1" && moved.port == 6381)
        let ask = try #require(try told("ASK 0 redis-2.example.org:7000"))
        #expect(ask.kind == .ask && ask.slot.number == 0 && ask.host == "redis-2.example.org")
    }

    @Test func anIPv6AddressHasColonsOfItsOwn() throws {
        let moved = try told("MOVED 1 ::1:7000")
        #expect(moved?.host == "::1" && moved?.port == 7000)
    }

    @Test func anEmptyHostIsThatOfTheNodeItself() throws {
        let moved = try told("MOVED 1 :7000")
        #expect(moved != nil && moved?.host == nil)
    }

    @Test func whatLeadsNowhereIsNone() throws {
        let others = [
            "MOVED 16384 a:1", "MOVED -1 a:1", "MOVED x a:1", "MOVED 1 a", "MOVED 1 a:0", "MOVED 1 a:70000",
            "MOVED 1 ?:7000", "MOVED 1", "TRYAGAIN 1 a:1", "ERR MOVED 1 a:1", "CLUSTERDOWN Hash slot not served",
        ]
        for text in others { #expect(try told(text) == nil, "\(text)") }
    }
}
