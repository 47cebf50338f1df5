/// A text between whose backticks stand names and values.
enum Prose {
    /// A run of plain words, or what stands between two backticks.
    enum Part: Equatable {
        case plain(Substring)
        case code(Substring)
    }

    static func parts(of text: String) -> [Part] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset % 2 == 0 ? .plain($0.element) : .code($0.element) }
    }
}
