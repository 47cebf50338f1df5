import CLinux
import Glibc
import Synchronization

/// Whether answers end their connections, since the server stops. All its loops look at this one, so that this holds from
/// the same moment on for each, also for one that has not come to its mail yet.
final class StopSign: Sendable {
    private let isRaised = Atomic<Bool>(false)

    /// Whether they do.
    var isUp: Bool { isRaised.load(ordering: .relaxed) }

    /// Has them do so from now on.
    func raise() { isRaised.store(true, ordering: .relaxed) }
}

/// How sockets that a web server may just be using are ended, so that no request is lost on the way: whatever reaches them
/// is served, and whatever comes later is refused before it is sent.
enum Farewell {
    /// How long before the end of the drain timeout connections that are still idle are ended, at most, in nanoseconds:
    /// time to serve what had just arrived on one.
    static let longestLastCall: UInt64 = 1_000_000_000

    /// Whether the web server is nginx, which says so in `SERVER_SOFTWARE` where its configuration has it do that.
    ///
    /// nginx keeps no connection on which something follows the end of a request (ngx_http_fastcgi_input_filter). So it
    /// lets go of it by itself when it reads such an answer, and sends no request on one that is being closed. Apache would
    /// take what follows for the beginning of the next answer.
    /// - Parameter params: the content of `FCGI_PARAMS`.
    static func isNginx(_ params: UnsafeRawBufferPointer) -> Bool {
        guard let value = ParamPairs.value(of: "SERVER_SOFTWARE", in: params) else { return false }
        return value.starts(with: "nginx/".utf8)
    }

    /// Whether there is something to read.
    static func hasInput(_ connection: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(connection, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    /// Refuses what the peer has not sent yet. On a Unix socket it learns so as soon as it writes; what it had sent before
    /// can still be read.
    static func refuseInput(_ socket: Int32) { shutdown(socket, Int32(SHUT_RD)) }

    /// Tells the peer that nothing more is sent. What it still sends can be read.
    static func endOutput(_ connection: Int32) { shutdown(connection, Int32(SHUT_WR)) }

    /// How long a connection may linger while the server stops, in nanoseconds.
    static let longestLinger: UInt64 = 1_000_000_000

    /// Holds the end of what is sent back until the connection is closed, so that both arrive in one segment. Of TCP only:
    /// a Unix socket knows no such thing.
    static func hold(_ connection: Int32, _ isHeld: Bool) {
        var value: Int32 = isHeld ? 1 : 0
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// How long a handshake of TCP that has begun may take, in nanoseconds.
    static let longestHandshake: UInt64 = 20_000_000

    /// Keeps new connections from a listening socket of TCP without refusing them: whoever asks for one asks again, a
    /// second later. So it can be emptied before it is closed, which resets what waits in it.
    static func dropHandshakes(_ listener: Int32) {
        // Source of the codes: linux/bpf_common.h. A segment with SYN is dropped, which is bit 1 of its byte 13.
        var program = [
            sock_filter(code: 0x30, jt: 0, jf: 0, k: 13),
            sock_filter(code: 0x45, jt: 0, jf: 1, k: 2),
            sock_filter(code: 0x06, jt: 0, jf: 0, k: 0),
            sock_filter(code: 0x06, jt: 0, jf: 0, k: .max),
        ]
        program.withUnsafeMutableBufferPointer {
            var program = sock_fprog(len: UInt16($0.count), filter: $0.baseAddress)
            setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }
}
