import Foundation

/// Stands between a worker and its Redis, on a Unix socket, and can hold back what the worker sends from some byte on:
/// until it is told to let it pass, or to cut the connection.
public final class CuttingProxy: @unchecked Sendable {
    // Safe: the condition's lock guards what the threads share.
    private let condition = NSCondition()
    private var left = Int.max
    private var isHolding = false
    private var isCut = false
    private let target: String
    private let descriptor: Int32

    /// Its `REDIS_URL`.
    public let url: String

    /// - Parameter target: the path of the socket that it connects to.
    public init(in folder: TemporaryFolder, to target: String) throws {
        self.target = target
        let path = folder.file("proxy.sock")
        url = "unix://" + path
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(path)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 16) == 0 else { throw FastCGIClient.Closed() }
        Foundation.Thread.detachNewThread { [self] in acceptAll() }
    }

    deinit { close(descriptor) }

    /// Lets the worker send so many bytes more, and holds back what follows.
    public func hold(after bytes: Int) {
        condition.withLock {
            left = bytes
            isHolding = false
            isCut = false
        }
    }

    /// Waits until something is held back.
    public func awaitHold() { condition.withLock { while !isHolding { condition.wait() } } }

    /// Lets everything pass again, what was held back first.
    public func release() { resume(cutting: false) }

    /// Closes the connection that is held back; later ones pass whole.
    public func cut() { resume(cutting: true) }

    private func resume(cutting: Bool) {
        condition.withLock {
            left = .max
            isCut = cutting
            condition.broadcast()
        }
    }

    private static func address(_ path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return address
    }

    private func acceptAll() {
        while true {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else { return }
            // Programs are being started meanwhile, and are not to have it.
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = Self.address(target)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            Foundation.Thread.detachNewThread { [self] in copy(client, server, isFromWorker: true) }
            Foundation.Thread.detachNewThread { [self] in copy(server, client, isFromWorker: false) }
        }
    }

    private func copy(_ source: Int32, _ target: Int32, isFromWorker: Bool) {
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(source, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            let passing = isFromWorker ? allow(count) : count
            guard send(chunk[..<passing], target) else { break }
            if isFromWorker, !pass(passing, of: count) { break }
            guard send(chunk[passing..<count], target) else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    /// Takes from what may still pass, which all connections share.
    /// - Returns: how many of so many bytes may.
    private func allow(_ count: Int) -> Int {
        condition.withLock {
            let allowed = min(left, count)
            if left < .max { left -= allowed }
            return allowed
        }
    }

    /// Waits where more bytes came than have passed.
    /// - Returns: false if the connection is to be cut.
    private func pass(_ passed: Int, of count: Int) -> Bool {
        condition.withLock {
            guard passed < count else { return true }
            isHolding = true
            condition.broadcast()
            while left < .max { condition.wait() }
            return !isCut
        }
    }

    private func send(_ bytes: ArraySlice<UInt8>, _ target: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Foundation.send(target, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }
}
