import DashboardStateServer

/// The table in docs/configuration.md.
enum ConfigurationTable {
    static func lines(_ settings: [Setting]) -> [String] {
        ["", "| option | variable | default | |", "| --- | --- | --- | --- |"] + settings.map(row) + [""]
    }

    private static func row(_ setting: Setting) -> String {
        let option = setting.option.map { "`--\($0)`" } ?? ""
        let standard =
            switch setting.standard {
            case .value(let value): "`\(value)`"
            case .words(let words): words
            case .none: ""
            }
        let text = [setting.sentence, setting.details].filter { !$0.isEmpty }.joined(separator: " ")
        let cells = [option, "`\(setting.variable)`", standard, text]
        return cells.map { $0.isEmpty ? "|" : "| \($0) " }.joined().replacing("||", with: "| |") + "|"
    }
}
