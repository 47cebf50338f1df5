/// One thing that an operator can set. ``all`` is the table of them: the worker reads its settings by it, and its help, the
/// manual page and docs/configuration.md are made from it.
public struct Setting: Sendable {
    /// What it can be set to.
    public enum Values: Sendable {
        /// A text of this form, in words.
        case text(String)
        /// A whole number of these units, within the range.
        case number(unit: String, ClosedRange<Int>)
        /// One of these words.
        case words([String])
        /// The path of a file with a secret.
        case secretFile
    }

    /// What holds where nothing is set.
    public enum Default: Sendable {
        /// The value, as if it had been set.
        case value(String)
        /// What happens instead, in words.
        case words(String)
        /// Nothing.
        case none
    }

    /// The name of its option without the dashes; `nil` where there is only the variable.
    public let option: String?
    /// What help and manual call the option's value; empty where there is no option.
    public let valueName: String
    /// The name of its environment variable. The option wins over it.
    public let variable: String
    /// What holds where neither is given.
    public let standard: Default
    /// What it can be set to.
    public let values: Values
    /// What it is, in a sentence without its full stop. Names and values stand between backticks.
    public let summary: String
    /// What else an operator should know, in whole sentences with the same backticks; empty where there is nothing.
    public let details: String

    init(
        option: String? = nil,
        valueName: String = "",
        variable: String,
        standard: Default,
        values: Values,
        summary: String,
        details: String = ""
    ) {
        self.option = option
        self.valueName = valueName
        self.variable = variable
        self.standard = standard
        self.values = values
        self.summary = summary
        self.details = details
    }
}

extension Setting.Values {
    /// Whether a text is in the range, or one of the words. Forms are checked where they are read.
    func include(_ text: String) -> Bool {
        switch self {
        case .number(_, let range): Int(text).map(range.contains) ?? false
        case .words(let words): words.contains(text)
        case .text, .secretFile: true
        }
    }
}

extension Setting {
    /// What messages call it: `--threads (DASHBOARD_STATE_THREADS)`, or the variable alone.
    var name: String { option.map { "--\($0) (\(variable))" } ?? variable }

    /// What it has to be, in words.
    var expected: String {
        switch values {
        case .text(let form): form
        case .number(let unit, let range): "\(unit), \(range.lowerBound) to \(range.upperBound)"
        case .words(let words): "\(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")"
        case .secretFile: "the path of a file with a secret"
        }
    }
}
