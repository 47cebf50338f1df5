import Glibc
import Synchronization

@testable import RESP

/// A node of a cluster whose answers are written down: a port on loopback, and a thread for each connection.
final class ScriptedNode: Sendable {
    private struct State {
        /// What it says of the slots: from, to, and the port of their master.
        var map: [(slots: ClosedRange<Int>, port: UInt16)] = []
        var answer: @Sendable (_ words: [String]) -> String? = { _ in "$-1" }
        var asked: [String] = []
        var mapsTold = 0
        var connections: Set<Int32> = []
        /// Where a command came to which no answer is written down.
        var held: Int32?
        var isStopped = false
    }

    let port: UInt16
    private let descriptor: Int32
    private let state = Mutex(State())

    init() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = descriptor
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, length)
                _ = listen(listener, 64)
                _ = getsockname(listener, $0, &length)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        Self.detach { [self] in acceptAll() }
    }

    // MARK: What is written down

    /// Tells this map from now on.
    func tell(_ map: [(slots: ClosedRange<Int>, port: UInt16)]) { state.withLock { $0.map = map } }

    /// Answers commands, but for those of the handshake and the question for the map, like this; `nil` is no answer, until
    /// ``release(_:)``.
    func answer(_ answer: @escaping @Sendable (_ words: [String]) -> String?) { state.withLock { $0.answer = answer } }

    /// The names of the commands that it has answered, or holds.
    var asked: [String] { state.withLock { $0.asked } }

    /// How often it has told the map.
    var mapsTold: Int { state.withLock { $0.mapsTold } }

    /// How many connections it has.
    var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Answers the command that is held.
    func release(_ reply: String) { if let held = state.withLock({ $0.held }) { Self.send("\(reply)\r\n", held) } }

    /// It is gone: nobody listens there any more.
    func stop() {
        let connections = state.withLock { state in
            guard !state.isStopped else { return Set<Int32>() }
            state.isStopped = true
            shutdown(descriptor, Int32(SHUT_RDWR))
            return state.connections
        }
        for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    // MARK: Connections

    private static func detach(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            {
                Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body()
                return nil
            },
            Unmanaged.passRetained(Box(body)).toOpaque()
        )
        pthread_detach(thread)
    }

    private func acceptAll() {
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            let isWelcome = state.withLock { state in
                if !state.isStopped { state.connections.insert(connection) }
                return !state.isStopped
            }
            guard isWelcome else {
                close(connection)
                break
            }
            Self.detach { [self] in serve(connection) }
        }
        close(descriptor)
    }

    private func serve(_ connection: Int32) {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            received += chunk[..<count]
            while let (words, length) = Self.command(in: received) {
                received.removeFirst(length)
                if let reply = reply(to: words, connection) { Self.send("\(reply)\r\n", connection) }
            }
        }
        state.withLock { state in
            state.connections.remove(connection)
            if state.held == connection { state.held = nil }
        }
        close(connection)
    }

    private static func command(in bytes: [UInt8]) -> (words: [String], length: Int)? {
        guard case .complete(let command, let length)? = try? ReplyParser.parse(bytes.span.bytes) else { return nil }
        var words: [String] = []
        var elements = command.elements
        while let element = elements.next() {
            words.append(element.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        return (words, length)
    }

    private func reply(to words: [String], _ connection: Int32) -> String? {
        switch words[0] {
        case "HELLO": return "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$4\r\nrole\r\n$6\r\nmaster"
        case "PING": return "+PONG"
        case "CLUSTER": return tellMap()
        default: break
        }
        let answer = state.withLock { state in
            state.asked.append(words[0])
            return state.answer
        }
        if words[0] == "ASKING" { return "+OK" }
        let reply = answer(words)
        if reply == nil { state.withLock { $0.held = connection } }
        return reply
    }

    private func tellMap() -> String {
        state.withLock { state in
            state.mapsTold += 1
            let parts = state.map.map { slots, port in
                "*3\r\n:\(slots.lowerBound)\r\n:\(slots.upperBound)\r\n*3\r\n$9\r\n127.0.0.1\r\n:\(port)\r\n$1\r\nx"
            }
            return "*\(parts.count)\(parts.isEmpty ? "" : "\r\n")\(parts.joined(separator: "\r\n"))"
        }
    }

    private static func send(_ text: String, _ connection: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
