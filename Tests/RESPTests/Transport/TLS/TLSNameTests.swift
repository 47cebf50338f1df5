import Testing

@testable import RESP

struct TLSNameTests {
    @Test(arguments: ["127.0.0.1", "::1", "2001:db8::7"])
    func addressesAreAddresses(text: String) { #expect(TLSName(text) == .address(text)) }

    @Test(arguments: [
        "localhost", "redis.example.org", "a", "1.2.3", "256.1.1.1", "bücher.example", "_redis._tcp.example",
    ])
    func namesAreNames(text: String) { #expect(TLSName(text) == .host(text)) }

    @Test func theDotAtTheEndIsForResolversOnly() {
        #expect(TLSName("redis.example.org.") == .host("redis.example.org"))
    }

    @Test(arguments: ["", ".", "a b", "a\0b", ".example.org", "host:6379", "a/b", String(repeating: "a", count: 254)])
    func othersAreNeither(text: String) { #expect(TLSName(text) == nil) }
}
