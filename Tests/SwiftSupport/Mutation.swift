/// Bytes that were good once.
public enum Mutation {
    /// Makes something of one of the seeds: bytes changed, cut out, doubled, or joined with another seed's.
    public static func next(_ seeds: [[UInt8]], using random: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...20, using: &random)))
            case 3: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: at)
            case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 30)], at: at)
            default:
                let other = seeds.randomElement(using: &random) ?? []
                bytes = bytes[..<at] + other.suffix(Int.random(in: 0...other.count, using: &random))
            }
        }
        return bytes
    }

    /// Those that mean something somewhere, or are at an end of a range.
    private static let interesting =
        Array("\0\u{1}\t\r\n \"%*+,-.0:;<=>@[\\]_{|}\u{7F}eu".utf8) + [0x80, 0xC3, 0xED, 0xFF]
}
