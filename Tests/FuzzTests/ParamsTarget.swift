@testable import FastCGI

/// libfcgi reads parameters as a reading does that is plain to see.
final class ParamsTarget {
    private static let lists = ["PREFER", "IF_MATCH"]
    private static let names = lists + ["REMOTE_USER", "A", "CONTENT_LENGTH"]

    private let reader: ParamsReader

    /// Targets run on one thread at a time.
    nonisolated(unsafe) static let shared = ParamsTarget()

    private init() {
        let names = ParamNames(Self.names.map { Array($0.utf8) }, lists: Self.lists.count)
        guard let reader = try? ParamsReader(names) else { preconditionFailure("libfcgi cannot be initialised") }
        self.reader = reader
    }

    func run(_ bytes: [UInt8]) -> String? {
        let reader = reader
        let read: [[UInt8]?]? = bytes.withUnsafeBytes { content in
            guard let params = reader.read(content) else { return nil }
            var values: [[UInt8]?] = []
            for index in Self.names.indices { values.append(Self.copy(params[index])) }
            return values
        }
        return read == Self.plain(bytes) ? nil : "another reading"
    }

    private static func copy(_ value: RawSpan?) -> [UInt8]? {
        guard let value else { return nil }
        return value.withUnsafeBytes { [UInt8]($0) }
    }

    private static func plain(_ bytes: [UInt8]) -> [[UInt8]?]? {
        guard bytes.count <= RecordReader.longestParams else { return nil }
        var values = names.map { _ in [[UInt8]]() }
        var rest = bytes[...]
        func length() -> Int? {
            guard let first = rest.popFirst() else { return nil }
            guard first >= 128 else { return Int(first) }
            guard rest.count >= 3 else { return nil }
            let more = rest.prefix(3)
            rest = rest.dropFirst(3)
            return more.reduce(Int(first & 127)) { $0 << 8 | Int($1) }
        }
        while !rest.isEmpty {
            guard let nameLength = length(), let valueLength = length(),
                nameLength + valueLength <= rest.count
            else { return nil }
            let name = rest.prefix(nameLength)
            let value = rest.dropFirst(nameLength).prefix(valueLength)
            rest = rest.dropFirst(nameLength + valueLength)
            guard let index = names.firstIndex(where: { name.elementsEqual($0.utf8) }) else { continue }
            // A C string cannot hold it.
            if value.contains(0) { return nil }
            values[index].append(Array(value))
        }
        return values.enumerated().map { index, all in
            guard index < lists.count, all.count > 1 else { return all.last }
            return all.reduce([]) { $0.isEmpty ? $1 : $0 + [0x2C, 0x20] + $1 }
        }
    }

    static var seeds: [[UInt8]] {
        func pair(_ name: String, _ value: String) -> [UInt8] {
            [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        return [
            pair("REMOTE_USER", "alice") + pair("A", "") + pair("CONTENT_LENGTH", "12"),
            pair("PREFER", "a") + pair("B", "c") + pair("PREFER", "b") + pair("REMOTE_USER", "x"),
            pair("A", "1") + pair("A", "2") + pair("IF_MATCH", "") + pair("IF_MATCH", "\"a\""),
            pair("", "x") + pair("A", "1") + pair("", ""),
            [0x80, 0, 0, 1, 0x80, 0, 0, 3] + Array("Axyz".utf8) + pair("A=b", "c"),
        ]
    }
}
