import EventLoop
import FastCGI
import Glibc
import SwiftSupport

/// A server whose answers tell what it was asked, the user, and how the body arrived; and which loop answers.
final class EchoServer {
    let folder: TemporaryFolder
    let path: String
    private let server: Server
    private var isStopped = false

    private let listener: Listener

    /// - Parameter address: ``path`` unless told otherwise.
    init(at address: ListenAddress? = nil, threads: Int = 1, limits: Limits = Limits()) throws {
        folder = try TemporaryFolder()
        path = folder.file("s.sock")
        listener = try Listener(address ?? .unix(path: path))
        server = try Server(
            listeners: [listener],
            threads: threads,
            limits: limits
        ) { loop in EchoHandler(loop: ObjectIdentifier(loop).hashValue) }
    }

    deinit { if !isStopped { stop(timeout: 0) } }

    func client() throws -> FastCGIClient { try FastCGIClient(path: path) }

    /// Makes the listening socket blocking, as another process can that shares it, or undoes that.
    func setBlocking(_ isBlocking: Bool) {
        let flags = fcntl(listener.descriptor, F_GETFL)
        _ = fcntl(listener.descriptor, F_SETFL, isBlocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK)
    }

    /// Duplicates the descriptors of its connections, as a process has them that is being started by this one. To be closed
    /// by the caller.
    func duplicateConnections() -> [Int32] {
        // As many as other tests may hold beside this one's, at most.
        (3..<8192).filter { isConnection($0) }.map { dup($0) }
    }

    /// Whether it is a socket that was accepted on ``path``.
    private func isConnection(_ descriptor: Int32) -> Bool {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) } == 0
        }
        guard isNamed, address.sun_family == AF_UNIX, descriptor != listener.descriptor else { return false }
        return withUnsafeBytes(of: &address.sun_path) { name in
            name.prefix { $0 != 0 }.elementsEqual(path.utf8)
        }
    }

    func callRoll() -> RollCall { server.callRoll() }

    /// Asks it to stop and returns at once.
    func beginStop(timeout: UInt64) { server.stop(timeout: timeout) }

    func stop(timeout: UInt64 = 10_000_000_000) {
        server.stop(timeout: timeout)
        server.wait()
        isStopped = true
    }
}

/// Answers with the user and the body; the size that `ANSWER` asks for, where it is a number. `hold` has the answer wait
/// until a request says `release`, `sleep` keeps the loop busy for a while. `Number` counts the requests of a loop.
private final class EchoHandler: RequestHandler {
    let params = ParamNames(["REMOTE_USER", "ANSWER"].map { Array($0.utf8) })
    private let loop: Int
    private var held: [() -> Void] = []
    private var count = 0

    init(loop: Int) { self.loop = loop }

    func handle(_ request: Request, _ responder: any Responder) {
        let wish = request.params[1]?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } ?? ""
        var text = "Status: 200 OK\r\n"
        let user = request.params[0]?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } ?? "none"
        text += "User: \(user)\r\n"
        count += 1
        text += "Loop: \(loop)\r\nNumber: \(count)\r\n"
        if request.paramsStatus == .tooMany { text += "Too-Many-Params: yes\r\n" }
        if request.paramsStatus == .holdNUL { text += "Params-Hold-NUL: yes\r\n" }
        text += "Body-Status: \(request.bodyStatus)\r\n\r\n"
        let body = Int(wish).map { [UInt8](repeating: 0x78, count: $0) } ?? request.body.withUnsafeBytes { Array($0) }
        let head = Array(text.utf8)
        func answer() {
            responder.respond(head: head.span.bytes, body: body.span.bytes)
        }
        if wish == "sleep" { usleep(400_000) }
        guard wish != "hold" else { return held.append(answer) }
        if wish == "release" {
            for answer in held { answer() }
            held = []
        }
        answer()
    }
}
