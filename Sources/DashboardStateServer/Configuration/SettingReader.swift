/// Reads settings by their table: an option, or else its environment variable, or else its default.
struct SettingReader {
    let options: Options
    let environment: Environment

    /// What was set; `nil` where nothing was.
    func given(_ setting: Setting) -> String? { options[setting] ?? environment[setting.variable] }

    /// What was set, or else the default's value; empty where it has none.
    func text(_ setting: Setting) -> String {
        if let text = given(setting) { return text }
        guard case .value(let text) = setting.standard else { return "" }
        return text
    }

    /// Reads a text as something else, once it is among the values that the table allows.
    /// - Parameter read: makes a value of it; `nil` where it has not the right form.
    func value<Value>(_ setting: Setting, _ read: (String) -> Value?) throws(ConfigurationError) -> Value {
        let text = text(setting)
        guard setting.values.include(text), let value = read(text) else {
            throw .invalid(setting: setting.name, value: text, expected: setting.expected)
        }
        return value
    }

    func number(_ setting: Setting) throws(ConfigurationError) -> Int { try value(setting) { Int($0) } }

    func word(_ setting: Setting) throws(ConfigurationError) -> String { try value(setting) { $0 } }

    func secret(_ setting: Setting) throws(ConfigurationError) -> String? { try environment.secret(setting.variable) }

    func secretFile(_ setting: Setting) throws(ConfigurationError) -> [UInt8]? {
        try environment.secretFile(setting.variable)
    }
}
