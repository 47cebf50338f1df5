import Glibc

/// The names of the parameters that a program looks at. A web server sends some thirty and all of a client's fields, of
/// which a dozen matter; the rest is passed over unread.
struct WantedParams: Sendable {
    private static let longestName = 63

    /// Names one behind the other, the shortest first.
    private let names: [UInt8]
    /// Where the names of each length begin; those of the next length follow.
    private let starts: [Int]

    /// `CONTENT_LENGTH` is among them in any case. Names have 1 to 63 bytes.
    init(_ names: [[UInt8]]) {
        let sorted = (names + [Array("CONTENT_LENGTH".utf8)]).sorted { $0.count < $1.count }
        for name in sorted {
            precondition((1...Self.longestName).contains(name.count), "a parameter's name of an absurd length")
        }
        self.names = Array(sorted.joined())
        starts = (0...(Self.longestName + 1)).map { length in
            sorted.lazy.map(\.count).filter { $0 < length }.reduce(0, +)
        }
    }

    /// Looks names up, many in a row.
    func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
        names.withUnsafeBytes { names in
            starts.withUnsafeBufferPointer { starts in body(Lookup(names: names, starts: starts)) }
        }
    }

    struct Lookup {
        fileprivate let names: UnsafeRawBufferPointer
        fileprivate let starts: UnsafeBufferPointer<Int>

        func contains(_ name: UnsafeRawBufferPointer) -> Bool {
            let length = name.count
            guard length > 0, length <= longestName, let base = name.baseAddress, let all = names.baseAddress else {
                return false
            }
            var at = starts[length]
            while at < starts[length + 1] {
                let wanted = all + at
                // Most names of a length differ in the first letter.
                if wanted.load(as: UInt8.self) == base.load(as: UInt8.self), memcmp(wanted, base, length) == 0 {
                    return true
                }
                at += length
            }
            return false
        }
    }
}
