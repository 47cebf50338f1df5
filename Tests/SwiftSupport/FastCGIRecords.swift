/// FastCGI records as a web server writes and reads them, for tests that speak to a worker without one.
public enum FastCGIRecords {
    /// One record.
    public static func record(_ type: UInt8, id: UInt16 = 1, _ content: [UInt8] = [], padding: Int = 0) -> [UInt8] {
        let length = content.count
        return [
            1, type, UInt8(id >> 8), UInt8(id & 255), UInt8(length >> 8), UInt8(length & 255), UInt8(padding), 0,
        ] + content + [UInt8](repeating: 0, count: padding)
    }

    /// `FCGI_BEGIN_REQUEST`.
    public static func begin(id: UInt16 = 1, role: UInt8 = 1, keep: Bool = true) -> [UInt8] {
        record(1, id: id, [0, role, keep ? 1 : 0, 0, 0, 0, 0, 0])
    }

    /// The content of `FCGI_PARAMS` records.
    public static func pairs(_ params: [(String, String)]) -> [UInt8] {
        func length(_ count: Int) -> [UInt8] {
            count < 128
                ? [UInt8(count)]
                : [UInt8(count >> 24) | 0x80, UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
        }
        return params.flatMap { name, value in
            length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
        }
    }

    /// A stream's records, with the empty one that ends it.
    public static func stream(_ type: UInt8, id: UInt16 = 1, _ content: [UInt8], chunk: Int = 32768) -> [UInt8] {
        var records: [UInt8] = []
        for start in stride(from: 0, to: content.count, by: chunk) {
            records += record(type, id: id, Array(content[start..<min(content.count, start + chunk)]))
        }
        return records + record(type, id: id)
    }

    /// A whole request, as nginx sends it in one write.
    public static func request(
        _ params: [(String, String)],
        body: [UInt8] = [],
        id: UInt16 = 1,
        keep: Bool = true
    ) -> [UInt8] {
        begin(id: id, keep: keep) + stream(4, id: id, pairs(params)) + stream(5, id: id, body)
    }
}
