import Glibc

/// One connection to an HTTP server on loopback, with everything in the test's hand.
public final class HTTPClient {
    /// A response.
    public struct Response {
        /// Status code.
        public var status: Int
        /// Fields by lower-case name.
        public var fields: [String: String]
        /// Content.
        public var body: [UInt8]

        /// The content as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
        /// The entity tag with its quotes.
        public var tag: String { fields["etag"] ?? "" }
        /// Whether it is a problem detail of this type.
        public func isProblem(_ kind: String) -> Bool {
            fields["content-type"] == "application/problem+json" && text.contains(":\(kind)\"")
        }
    }

    /// No response came.
    public struct NoResponse: Error {}

    /// The socket.
    public let descriptor: Int32
    private var received: [UInt8] = []
    /// A cookie of its own, unless a request has another: limits on requests go by what a client is signed in with.
    private let cookie = "client=\(UInt64.random(in: .min ... .max))"

    /// Connects to a port of 127.0.0.1, from one of the many addresses of loopback: limits on requests go by address too.
    public init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let source = Self.address(0x7F00_0000 | UInt32.random(in: 0x10000...0xFEFFFE), 0)
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // Without this, a port that it has had cannot be listened on for a minute.
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard Self.call(bind, descriptor, source) == 0,
            Self.call(connect, descriptor, Self.address(0x7F00_0001, port)) == 0
        else {
            close(descriptor)
            throw NoResponse()
        }
    }

    deinit { close(descriptor) }

    private static func address(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = host.bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ address: sockaddr_in
    ) -> Int32 {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Sends a request and waits for the response.
    public func request(
        _ method: String,
        _ path: String,
        _ fields: [(String, String)] = [],
        body: [UInt8]? = nil
    ) throws -> Response {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: test\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if !fields.contains(where: { $0.0 == "Cookie" }) { head += "Cookie: \(cookie)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        try send(Array((head + "\r\n").utf8) + (body ?? []))
        return try receive(hasBody: method != "HEAD")
    }

    /// Writes bytes as they are.
    public func send(_ bytes: [UInt8]) throws {
        var at = 0
        while at < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + at, bytes.count - at, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw NoResponse() }
            at += count
        }
    }

    /// Reads one response.
    public func receive(hasBody: Bool = true) throws -> Response {
        while received.firstIndex(of: UInt8(ascii: "\n")) == nil || !Self.hasHead(received) { try fill() }
        let end = Self.headEnd(received)
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        received.removeFirst(end + 4)
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        let status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
        var body: [UInt8] = []
        if hasBody, status != 304, status != 204, let length = fields["content-length"].flatMap({ Int($0) }) {
            while received.count < length { try fill() }
            body = Array(received[..<length])
            received.removeFirst(length)
        }
        return Response(status: status, fields: fields, body: body)
    }

    private static func hasHead(_ bytes: [UInt8]) -> Bool { headEnd(bytes) < bytes.count }

    private static func headEnd(_ bytes: [UInt8]) -> Int {
        guard bytes.count >= 4 else { return bytes.count }
        for index in 0...(bytes.count - 4) where bytes[index] == 13 {
            if bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 { return index }
        }
        return bytes.count
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw NoResponse() }
        received += chunk[..<count]
    }
}
