import DashboardStateServer

/// A file of which parts are made from the table of settings: those between a line with `settings: NAME` and one with
/// `end: NAME`.
struct TextFile {
    /// From the project's top folder.
    let path: String
    let parts: [String: [String]]

    static func all(_ settings: [Setting]) -> [TextFile] {
        [
            TextFile(
                path: "deploy/dashboard-state-fcgi.8",
                parts: [
                    "options": ManualEntries.options(settings),
                    "variables": ManualEntries.variables(settings),
                ]
            ),
            TextFile(path: "docs/configuration.md", parts: ["table": ConfigurationTable.lines(settings)]),
        ]
    }

    /// What the file should be.
    /// - Throws: ``MissingPart``, where it has no place for a part.
    func updated(_ text: String) throws(MissingPart) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (name, part) in parts {
            guard let first = lines.firstIndex(where: { $0.contains("settings: \(name)") }),
                let last = lines[first...].firstIndex(where: { $0.contains("end: \(name)") })
            else { throw MissingPart(path: path, name: name) }
            lines.replaceSubrange(first + 1..<last, with: part)
        }
        return lines.joined(separator: "\n")
    }
}

/// A file has lost the lines between which a part belongs.
struct MissingPart: Error, CustomStringConvertible {
    let path: String
    let name: String

    var description: String { "\(path) has no lines 'settings: \(name)' and 'end: \(name)'" }
}
