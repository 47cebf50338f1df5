/// Options as they were given on the command line; what is not among them, the environment or the default decides.
public struct Options: Sendable {
    private var values: [String: String] = [:]

    /// No options.
    public init() {}

    /// The text that was given for a setting; `nil` where there was none.
    public subscript(setting: Setting) -> String? {
        get { values[setting.variable] }
        set { values[setting.variable] = newValue }
    }
}
