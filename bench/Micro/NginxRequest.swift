/// A request as nginx sends it with the parameters of nginx.conf.example and a browser's headers.
enum NginxRequest {
    private static let params = [
        ("REQUEST_METHOD", "POST"), ("SCRIPT_NAME", "/api/dashboard/state"), ("QUERY_STRING", ""),
        ("CONTENT_TYPE", "application/json"), ("SERVER_SOFTWARE", "nginx/1.22.1"),
        ("REQUEST_ID", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("REMOTE_USER", "u0000001"), ("REMOTE_WORKSPACE", "main"), ("HTTP_AUTHORIZATION", ""), ("HTTP_COOKIE", ""),
        ("HTTP_HOST", "dashboard.example.org"), ("HTTP_ACCEPT", "*/*"), ("HTTP_ACCEPT_LANGUAGE", "en-GB,en;q=0.5"),
        ("HTTP_ACCEPT_ENCODING", "gzip, deflate, br"), ("HTTP_CONTENT_TYPE", "application/json"),
        ("HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("HTTP_ORIGIN", "https://dashboard.example.org"), ("HTTP_SEC_FETCH_SITE", "same-origin"),
        ("HTTP_SEC_FETCH_MODE", "cors"), ("HTTP_SEC_FETCH_DEST", "empty"),
    ]

    static func records(body: [UInt8]) -> [UInt8] {
        let pairs = (params + [("CONTENT_LENGTH", String(body.count))]).flatMap { name, value in
            [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        return record(1, [0, 1, 1, 0, 0, 0, 0, 0]) + record(4, pairs) + record(4, []) + content(body) + record(5, [])
    }

    /// nginx puts 32 KiB into a record.
    private static func content(_ body: [UInt8]) -> [UInt8] {
        stride(from: 0, to: body.count, by: 32768).flatMap { record(5, Array(body[$0..<min(body.count, $0 + 32768)])) }
    }

    private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        let padding = (8 - content.count % 8) % 8
        let header = [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 255), UInt8(padding), 0]
        return header + content + [UInt8](repeating: 0, count: padding)
    }
}
