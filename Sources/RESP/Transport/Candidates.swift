/// The addresses of a server, and which of them to try next: decisions without any I/O.
///
/// A round tries each address once, the one that was of use last at first.
struct Candidates {
    private var addresses: [SocketAddress] = []
    private var lastGood: SocketAddress?
    private var untried: [SocketAddress] = []
    private var current: SocketAddress?

    /// Whether no address is known at all.
    var isEmpty: Bool { addresses.isEmpty }

    /// How many addresses of the round are left, the current one not counted.
    var remaining: Int { untried.count }

    /// A look-up has found these. A round that is under way goes on with the old ones.
    mutating func found(_ addresses: [SocketAddress]) { self.addresses = addresses }

    /// Begins a round.
    mutating func begin() {
        untried = addresses
        if let lastGood, let index = untried.firstIndex(of: lastGood) {
            untried.remove(at: index)
            untried.insert(lastGood, at: 0)
        }
    }

    /// Takes the next address of the round; `nil` at its end.
    mutating func next() -> SocketAddress? {
        current = untried.isEmpty ? nil : untried.removeFirst()
        return current
    }

    /// The address that was taken last is of use.
    mutating func succeeded() {
        lastGood = current
        untried = []
    }
}
