import Glibc

/// One connection to a FastCGI worker.
public final class FastCGIClient {
    /// What came back for one request.
    public struct Answer: Equatable {
        /// Header lines by lower-case name; `status` among them.
        public var fields: [String: String]
        /// What followed them.
        public var body: [UInt8]
        /// The request that it answers.
        public var id: UInt16
        /// `protocolStatus` of `FCGI_END_REQUEST`.
        public var protocolStatus: UInt8
        /// Content lengths of the non-empty `FCGI_STDOUT` records.
        public var recordLengths: [Int]

        /// The first word of `Status`.
        public var status: Int { fields["status"].flatMap { Int($0.prefix(3)) } ?? 0 }
        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The connection was closed, or timed out, before a whole answer had come.
    public struct Closed: Error {}

    /// The descriptor.
    public let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects to a Unix socket.
    public init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        try connectTo(address)
    }

    /// Connects to a port of 127.0.0.1.
    public init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        try connectTo(address)
    }

    private func connectTo(_ address: some Any) throws {
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafeBytes(of: address) { bytes in
            connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t(bytes.count))
        }
        guard status == 0 else { throw Closed() }
    }

    deinit { close(descriptor) }

    /// Writes bytes, all of them.
    public func send(_ bytes: [UInt8]) throws {
        var at = 0
        while at < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + at, bytes.count - at, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Closed() }
            at += count
        }
    }

    /// Sends a request and reads its answer.
    public func roundTrip(_ params: [(String, String)], body: [UInt8] = [], keep: Bool = true) throws -> Answer {
        try send(FastCGIRecords.request(params, body: body, keep: keep))
        return try receive()
    }

    /// Reads records up to and with `FCGI_END_REQUEST`.
    public func receive() throws -> Answer {
        var output: [UInt8] = []
        var lengths: [Int] = []
        while true {
            let header = try take(8)
            let content = try take(Int(header[4]) << 8 | Int(header[5]))
            _ = try take(Int(header[6]))
            switch header[1] {
            case 6:
                output += content
                if !content.isEmpty { lengths.append(content.count) }
            case 3:
                let id = UInt16(header[2]) << 8 | UInt16(header[3])
                return Self.answer(output, id, protocolStatus: content[4], lengths)
            default: throw Closed()
            }
        }
    }

    /// Reads a record that is of no request.
    /// - Returns: its type and content.
    public func receiveManagement() throws -> (type: UInt8, content: [UInt8]) {
        let header = try take(8)
        guard header[2] == 0, header[3] == 0 else { throw Closed() }
        let content = try take(Int(header[4]) << 8 | Int(header[5]))
        _ = try take(Int(header[6]))
        return (header[1], content)
    }

    /// Has nothing more to say, and still listens.
    public func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether the peer has closed the connection, waiting for that.
    public func isClosed() -> Bool {
        var byte: UInt8 = 0
        guard received.isEmpty else { return false }
        // A peer that closes with input unread resets the connection.
        let count = recv(descriptor, &byte, 1, 0)
        return count == 0 || count < 0 && errno == ECONNRESET
    }

    /// Whether there is something to read at once.
    public func hasInput() -> Bool {
        var byte: UInt8 = 0
        return !received.isEmpty || recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    private func take(_ count: Int) throws -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65536)
        while received.count < count {
            let got = recv(descriptor, &chunk, chunk.count, 0)
            guard got > 0 else { throw Closed() }
            received += chunk[..<got]
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private static func answer(_ output: [UInt8], _ id: UInt16, protocolStatus: UInt8, _ lengths: [Int]) -> Answer {
        var fields: [String: String] = [:]
        var rest = output[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end].dropLast(), as: UTF8.self)
            rest = rest[(end + 1)...]
            guard let colon = line.firstIndex(of: ":") else { break }
            fields[line[..<colon].lowercased()] = String(line[line.index(colon, offsetBy: 2)...])
        }
        return Answer(fields: fields, body: Array(rest), id: id, protocolStatus: protocolStatus, recordLengths: lengths)
    }
}
