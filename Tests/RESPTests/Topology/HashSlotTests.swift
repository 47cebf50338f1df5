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

    /// The sum as the specification has it, bit by bit, of keys of all lengths.
    @Test func keysOfAllLengthsAreSummedUpBitByBit() {
        for length in 0..<70 {
            let key = (0..<length).map { UInt8(truncatingIfNeeded: 7 + 31 * $0 * ($0 + length)) | 0x80 }
            var crc: UInt16 = 0
            for byte in key {
                crc ^= UInt16(byte) << 8
                for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
            }
            #expect(HashSlot(of: key.span.bytes).number == crc % 16384, "\(length)")
        }
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

    /// However a key is cut in two, and wherever it has braces.
    @Test func aBeginningThatIsSummedUpOnceChangesNoSlot() {
        for text in ["hyvve:dashboard:state:u1:w1", "a{foo}{bar}", "foo{}{bar}", "foo{bar", "foo}bar{", "{x}", "{", ""]
        {
            let key = Array(text.utf8)
            for length in 0...key.count {
                let beginning = HashSlot.Beginning(Array(key[..<length]))
                #expect(
                    HashSlot(of: key.span.bytes, after: beginning) == HashSlot(of: key.span.bytes),
                    "\(text) \(length)"
                )
            }
        }
    }

    @Test func noOtherNumberIsASlot() {
        #expect(HashSlot(-1) == nil && HashSlot(16384) == nil && HashSlot(16383)?.number == 16383)
    }
}
