// What operators read about a setting, in the program's help, the manual and docs/configuration.md.
extension Setting {
    /// ``summary`` as a whole sentence, with the range, the words that can be chosen, or the longest secret. Names and values
    /// stand between backticks.
    public var sentence: String {
        switch values {
        case .text: "\(summary)."
        case .number(_, let range): "\(summary), \(range.lowerBound) to \(range.upperBound)."
        case .words(let words):
            "\(summary): \(words.dropLast().map { "`\($0)`" }.joined(separator: ", ")) or `\(words.last ?? "")`."
        case .secretFile: "\(summary); at most \(Environment.longestSecret) bytes, not counting its line end."
        }
    }

    /// What `--help` says of its option.
    public var help: String {
        let text = "\(sentence.filter { $0 != "`" }) [\(variable)]"
        return switch standard {
        case .value(let value): "\(text) (default: \(value))"
        case .words(let words): "\(text) (default: \(words))"
        case .none: text
        }
    }

    /// What `--help` says of all that have no option.
    public static let helpOnVariables: String = {
        let names = all.filter { $0.option == nil }.map(\.variable).joined(separator: ", ")
        return """
            Each option has an environment variable, in brackets; the option wins. From the environment only: \(names). \
            dashboard-state-fcgi(8) and docs/configuration.md explain them.
            """
    }()
}
