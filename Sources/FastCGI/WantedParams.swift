import Glibc

/// The names of the parameters that a program looks at. A web server sends some thirty and all of a client's fields, of
/// which a dozen matter; the rest is passed over unread.
struct WantedParams: Sendable {
    private static let longestName = 63

    /// Names one behind the other, the shortest first.
    private let names: [UInt8]
    /// For each length, where its names begin and which letters they end with. Those of the next length follow.
    private let lengths: [OfLength]

    fileprivate struct OfLength {
        var start: Int
        /// A bit for the last five bits of each last letter: most names of a length differ there, where many begin alike.
        var lastLetters: UInt32
    }

    /// `CONTENT_LENGTH` is among them in any case. Names have 1 to 63 bytes.
    init(_ names: [[UInt8]]) {
        let sorted = (names + [Array("CONTENT_LENGTH".utf8)]).sorted { $0.count < $1.count }
        for name in sorted {
            precondition((1...Self.longestName).contains(name.count), "a parameter's name of an absurd length")
        }
        self.names = Array(sorted.joined())
        lengths = (0...(Self.longestName + 1)).map { length in
            OfLength(
                start: sorted.lazy.map(\.count).filter { $0 < length }.reduce(0, +),
                lastLetters: sorted.lazy.filter { $0.count == length }.reduce(0) { $0 | Self.bit($1[length - 1]) }
            )
        }
    }

    private static func bit(_ letter: UInt8) -> UInt32 { 1 << UInt32(letter & 31) }

    /// Looks names up, many in a row.
    func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
        names.withUnsafeBytes { names in
            lengths.withUnsafeBufferPointer { lengths in body(Lookup(names: names, lengths: lengths)) }
        }
    }

    struct Lookup {
        fileprivate let names: UnsafeRawBufferPointer
        fileprivate let lengths: UnsafeBufferPointer<OfLength>

        /// Whether the `length` bytes from `name` on, of which there is one at least, are a wanted name.
        func contains(_ name: UnsafeRawPointer, _ length: Int) -> Bool {
            guard length <= longestName else { return false }
            let letter = name.load(fromByteOffset: length - 1, as: UInt8.self)
            guard lengths[length].lastLetters & bit(letter) != 0, let all = names.baseAddress else { return false }
            var at = lengths[length].start
            while at < lengths[length + 1].start {
                if memcmp(all + at, name, length) == 0 { return true }
                at += length
            }
            return false
        }
    }
}
