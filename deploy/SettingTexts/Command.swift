import DashboardStateServer
import Foundation

/// Brings the texts about settings up to date: `make settings`, in the project's top folder.
@main
enum Command {
    static func main() throws {
        for file in TextFile.all(Setting.all) {
            let url = URL(filePath: file.path)
            let text = try String(contentsOf: url, encoding: .utf8)
            let updated = try file.updated(text)
            guard updated != text else { continue }
            try updated.write(to: url, atomically: true, encoding: .utf8)
            print(file.path)
        }
    }
}
