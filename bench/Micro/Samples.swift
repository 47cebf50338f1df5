import Glibc

/// The bodies that are measured: the very files that `load.lua` reads.
struct Samples {
    /// Without its beginning, a body: `,"checksum":"…","state":{…}}`.
    private let tail: [UInt8]

    /// - Parameter path: of a file that `bench/micro` has written.
    init(path: String) throws(Failure) {
        guard let file = fopen(path, "r") else { throw Failure.unreadable(path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        guard !bytes.isEmpty else { throw Failure.unreadable(path) }
        tail = bytes
    }

    enum Failure: Error {
        case unreadable(String)
    }

    /// As a page saves it.
    var body: [UInt8] { Array(#"{"version":1700000000000000"#.utf8) + tail }

    /// As Redis stores it.
    var document: [UInt8] {
        let head =
            #"{"version":1700000000000000,"lastModified":"2026-01-01T00:00:00.000Z","etag":"AAAAAAAAAAAAAAAAAAAAAA""#
        return Array(head.utf8) + tail
    }
}
