import Glibc

/// The names of the parameters that a program looks at. A web server sends some thirty and all of a client's fields, of
/// which a dozen matter; the rest is passed over unread.
struct WantedParams: Sendable {
    private static let longestName = 63

    /// Names by their length.
    private let names: [[[UInt8]]]

    /// `CONTENT_LENGTH` is among them in any case. Names have 1 to 63 bytes.
    init(_ names: [[UInt8]]) {
        var byLength = [[[UInt8]]](repeating: [], count: Self.longestName + 1)
        for name in names + [Array("CONTENT_LENGTH".utf8)] {
            precondition((1...Self.longestName).contains(name.count), "a parameter's name of an absurd length")
            byLength[name.count].append(name)
        }
        self.names = byLength
    }

    func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count <= Self.longestName, let base = name.baseAddress else { return false }
        for wanted in names[name.count] where memcmp(wanted, base, wanted.count) == 0 { return true }
        return false
    }
}
