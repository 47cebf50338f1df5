import Bytes

/// How long `CONTENT_LENGTH` says that a body is.
enum AnnouncedLength: Equatable {
    /// Nothing is said.
    case none
    case bytes(Int)
    /// It is no number.
    case malformed

    /// The most that is told apart; more than anybody takes.
    private static let longest = 1_000_000_000_000_000

    /// - Parameter text: the parameter's value; `nil` where it was not sent.
    init(_ text: RawSpan?) {
        guard let text, !text.isEmpty else {
            self = .none
            return
        }
        // How Go's servers, Caddy among them, say that a chunked body's length is not known.
        if text.equals("-1") {
            self = .none
            return
        }
        self = text.withUnsafeBytes { digits in
            digits.allSatisfy(Decimal.isDigit) ? .bytes(min(Decimal.parse(digits) ?? .max, Self.longest)) : .malformed
        }
    }

    /// The number, where there is one.
    var bytes: Int? { if case .bytes(let count) = self { count } else { nil } }
}
