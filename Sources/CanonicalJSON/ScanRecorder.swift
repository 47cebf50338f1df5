/// What else is done while ``JSONScanner`` passes a value: it is told what it needs of it, in the order of the text, and
/// compiled into the pass. So there is one loop over JSON, whatever is made of it.
///
/// All positions are in the text.
protocol ScanRecorder: ~Copyable {
    /// Whether the pass may end, in vain, soon after the first thing that is not canonical.
    static var stopsWhereNotCanonical: Bool { get }

    /// White space, which RFC 8785 leaves out.
    mutating func passedSpace(from start: Int, to end: Int)
    /// A string, quotes included, with an escape that RFC 8785 spells otherwise.
    mutating func passedString(from start: Int, to end: Int)
    /// A number that RFC 8785 may spell otherwise.
    mutating func passedNumber(from start: Int, to end: Int)

    /// An object's first member follows. Of one without members nothing is told.
    mutating func beginObject()
    /// Where what is recorded of the text at `position` begins; to be asked before it is passed.
    func mark(_ position: Int) -> Int
    /// A member's name.
    /// - Parameters:
    ///   - mark: of its first quote.
    ///   - isInOrder: whether it comes behind the name before it, by RFC 8785. Said of few names that are not.
    mutating func passedName(_ name: ScannedName, mark: Int, isInOrder: Bool)
    /// The object's end, its brace not included.
    mutating func endObject(at position: Int)
}

/// A member's name as it lies in the text.
struct ScannedName {
    /// Where it lies, without its quotes.
    var start: Int
    var length: Int
    /// Its ``NameOrder`` key.
    var key: UInt64
    /// Whether it has escapes, which stand for other characters than they are written with.
    var hasEscape: Bool
}

/// Records nothing: the value is only checked.
struct NoRecorder: ScanRecorder {
    static var stopsWhereNotCanonical: Bool { false }
}

/// Records nothing either, and is content to learn that a value is not canonical.
struct CanonicalityCheck: ScanRecorder {
    static var stopsWhereNotCanonical: Bool { true }
}

extension ScanRecorder {
    func passedSpace(from start: Int, to end: Int) {}
    func passedString(from start: Int, to end: Int) {}
    func passedNumber(from start: Int, to end: Int) {}
    func beginObject() {}
    func mark(_ position: Int) -> Int { 0 }
    func passedName(_ name: ScannedName, mark: Int, isInOrder: Bool) {}
    func endObject(at position: Int) {}
}
