@testable import DashboardState
@testable import DashboardStateServer

/// What stands in lists of fields is found whatever stands beside it.
enum FieldsTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        let wants = wantsRepresentation(bytes)
        // What follows the first element of a kind changes nothing, and blanks do not either.
        guard wantsRepresentation([0x20, 0x2C, 0x09] + bytes) == wants else { return "empty elements count" }
        guard !wantsRepresentation(Array("return=minimal, ".utf8) + bytes) else { return "the first does not count" }
        if wants, !wantsRepresentation(bytes + Array(", return=minimal".utf8)) { return "the last preference counts" }
        let tag = Array("\"a\"".utf8)
        let precondition = try? Precondition(bytes.span.bytes)
        guard let precondition, precondition != .none else { return nil }
        let includes = precondition.includes(Array(tag.dropFirst().dropLast()).span.bytes)
        let more = try? Precondition((bytes + [0x2C] + tag).span.bytes)
        guard let more else { return nil }
        guard more.includes(Array(tag.dropFirst().dropLast()).span.bytes) else { return "a tag is not found" }
        return includes || !bytes.isEmpty ? nil : "nothing includes a tag"
    }

    private static func wantsRepresentation(_ bytes: [UInt8]) -> Bool {
        Preferences.wantRepresentation(bytes.span.bytes)
    }

    static let seeds = [
        "return=representation", "respond-async, Return = \"representation\";foo=\"a,b\"", "return=minimal", "wait=10",
        "\"a\"", "W/\"b\", \"c\"", "*", "\"a,b\" , \"\\\"", "a=\"x\\\"y\", return=representation",
    ]
}
