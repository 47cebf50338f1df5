import Testing

@testable import RESP

struct HashSlotTests {
    private func slot(_ key: String) -> UInt16 { HashSlot(of: Array(key.utf8).span.bytes).number }

    /// What `CLUSTER KEYSLOT` of Redis 7.0 answers.
    @Test func keysFallWhereRedisPutsThem() {
        #expect(slot("123456789") == 0x31C3)
        #expect(slot("") == 0)
        #expect(slot("foo") == 12182)
        #expect(slot("hyvve:dashboard:state:u1:w1") == 2536)
    }

    @Test func whatStandsInTheFirstBracesDecides() {
        #expect(slot("{foo}:a") == slot("foo") && slot("a{foo}{bar}") == slot("foo"))
        #expect(slot("foo{{bar}}zap") == slot("{bar"))
    }

    @Test func emptyOrOpenBracesDoNot() {
        for key in ["foo{}{bar}", "foo{bar", "foo}bar{", "{}foo"] {
            let whole = slot(key)
            #expect(whole != slot("bar") && whole != 0, "\(key)")
        }
    }

    @Test func noOtherNumberIsASlot() {
        #expect(HashSlot(-1) == nil && HashSlot(16384) == nil && HashSlot(16383)?.number == 16383)
    }
}
