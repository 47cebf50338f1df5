import DashboardStateServer

/// The entries of the manual page, in the language of mdoc(7).
enum ManualEntries {
    static func options(_ settings: [Setting]) -> [String] {
        settings.flatMap { setting in
            guard let option = setting.option else { return [] as [String] }
            return [".It Fl -\(option) Ar \(setting.valueName)"] + text(setting) + [".Bq Ev \(setting.variable)"]
        }
    }

    static func variables(_ settings: [Setting]) -> [String] {
        settings.filter { $0.option == nil }.flatMap { [".It Ev \($0.variable)"] + text($0) }
    }

    private static func text(_ setting: Setting) -> [String] {
        let standard =
            switch setting.standard {
            case .value(let value): "The default is `\(value)`."
            case .words(let words): "The default is \(words)."
            case .none: ""
            }
        var lines = ManualLines()
        for text in [setting.sentence, standard, setting.details] { lines.append(text) }
        return lines.finished
    }
}

/// Lines of mdoc(7): names and values are macros on lines of their own, and each sentence begins a line.
private struct ManualLines {
    private static let longest = 80
    private var lines: [String] = []
    private var current = ""
    /// Whether the last line is a macro, which takes the punctuation behind it, too.
    private var endsWithMacro = false

    var finished: [String] { current.isEmpty ? lines : lines + [current] }

    mutating func append(_ text: String) {
        for part in Prose.parts(of: text) {
            switch part {
            case .plain(let text): appendPlain(text)
            case .code(let text): appendMacro(text)
            }
        }
        endLine()
    }

    private mutating func appendPlain(_ text: Substring) {
        var text = text
        if endsWithMacro {
            while let first = text.first, ".,:;)".contains(first) {
                lines[lines.count - 1] += " \(text.removeFirst())"
            }
        }
        endsWithMacro = false
        for word in text.split(separator: " ") {
            if current.count + 1 + word.count > Self.longest { endLine() }
            current += current.isEmpty ? "\(word)" : " \(word)"
            if word.hasSuffix(".") { endLine() }
        }
    }

    private mutating func appendMacro(_ text: Substring) {
        var opening = ""
        if current.hasSuffix("(") {
            current = String(current.dropLast(current.hasSuffix(" (") ? 2 : 1))
            opening = "( "
        }
        endLine()
        let isVariable = text.allSatisfy { $0.isUppercase || $0 == "_" }
        lines.append(".\(isVariable ? "Ev" : "Li") \(opening)\(text)")
        endsWithMacro = true
    }

    private mutating func endLine() {
        if !current.isEmpty { lines.append(current) }
        current = ""
        endsWithMacro = false
    }
}
