import Glibc

/// The names of the parameters that a program looks at, each known by its place in the list. A web server sends some
/// thirty and all of a client's fields, of which a dozen matter; the rest is passed over unread.
public struct ParamNames: Sendable {
    /// Longest name that can be among them, in bytes.
    public static let longestName = 63

    /// How many there are, `CONTENT_LENGTH` included.
    let count: Int
    /// How many of the first are lists.
    let lists: Int
    /// The index of `CONTENT_LENGTH`, which is among them in any case.
    let contentLength: Int

    /// Names one behind the other, the shortest first.
    private let names: [UInt8]
    /// The index of each, in the same order.
    private let indices: [Int]
    private let lengths: [OfLength]

    /// What there is of one length; those of the next length follow.
    fileprivate struct OfLength {
        /// Where its names begin, in bytes.
        var start: Int
        /// How many names are shorter.
        var shorter: Int
        /// A bit for the last five bits of each last letter: most names of a length differ there, where many begin alike.
        var lastLetters: UInt32
    }

    /// - Parameters:
    ///   - names: 1 to 63 bytes each. The index of one that is listed twice is its first.
    ///   - lists: how many of the first are fields whose values are lists: of one that is sent several times all values
    ///     count, joined by commas. Of others it is the last.
    public init(_ names: [[UInt8]], lists: Int = 0) {
        self.lists = lists
        let ofContentLength = Array("CONTENT_LENGTH".utf8)
        let all = names.contains(ofContentLength) ? names : names + [ofContentLength]
        count = all.count
        contentLength = all.firstIndex(of: ofContentLength)!
        // Lists last, which most requests do without.
        func rank(_ offset: Int) -> Int { offset < lists ? all.count + offset : offset }
        let sorted = all.enumerated().sorted {
            ($0.element.count, rank($0.offset)) < ($1.element.count, rank($1.offset))
        }
        for (_, name) in sorted {
            precondition((1...Self.longestName).contains(name.count), "a parameter's name of an absurd length")
        }
        self.names = sorted.flatMap(\.element)
        indices = sorted.map(\.offset)
        lengths = (0...(Self.longestName + 1)).map { length in
            let shorter = sorted.prefix { $0.element.count < length }
            return OfLength(
                start: shorter.reduce(0) { $0 + $1.element.count },
                shorter: shorter.count,
                lastLetters: all.lazy.filter { $0.count == length }.reduce(0) { $0 | Self.bit($1[length - 1]) }
            )
        }
    }

    /// The index of a name, or `nil` if it is none of these.
    public func index(of name: [UInt8]) -> Int? {
        guard !name.isEmpty else { return nil }
        return name.withUnsafeBytes { name in withLookup { $0.index(of: name.baseAddress!, name.count) } }
    }

    private static func bit(_ letter: UInt8) -> UInt32 { 1 << UInt32(letter & 31) }

    /// Looks names up, many in a row.
    func withLookup<Result>(_ body: (Lookup) -> Result) -> Result {
        names.withUnsafeBytes { names in
            indices.withUnsafeBufferPointer { indices in
                lengths.withUnsafeBufferPointer { lengths in
                    body(Lookup(names: names, indices: indices, lengths: lengths))
                }
            }
        }
    }

    struct Lookup {
        fileprivate let names: UnsafeRawBufferPointer
        fileprivate let indices: UnsafeBufferPointer<Int>
        fileprivate let lengths: UnsafeBufferPointer<OfLength>

        /// The index of the name that lies at `name`, of `length` bytes. An empty one is none of these; the byte before it
        /// is looked at, which has to be there.
        func index(of name: UnsafeRawPointer, _ length: Int) -> Int? {
            guard length <= longestName else { return nil }
            let letter = name.load(fromByteOffset: length - 1, as: UInt8.self)
            guard lengths[length].lastLetters & bit(letter) != 0, let all = names.baseAddress else { return nil }
            var at = lengths[length].start
            for place in lengths[length].shorter..<lengths[length + 1].shorter {
                if memcmp(all + at, name, length) == 0 { return indices[place] }
                at += length
            }
            return nil
        }
    }
}
