import EventLoop
import Glibc

/// One connection of a web server, and the one request at a time that it carries.
///
/// Nothing here blocks. Between requests a connection is parked: it holds a descriptor in epoll, no thread and no
/// buffer, so any number of idle ones can be kept. A request that arrives as a whole is read from the loop's window;
/// of one that does not, the connection keeps what has come (``Arrival``).
final class Connection: EventSource, Responder {
    enum Phase {
        /// Parked until a request arrives.
        case idle
        /// A part of a request is here.
        case arriving
        /// The handler has it.
        case answering
        /// Parked, with a part of the answer still to be taken by the peer.
        case sending
        /// Answered for the last time; what still comes is thrown away until the peer has closed its side.
        case lingering
        case closed
    }

    var phase = Phase.idle
    /// Whether it stays with this loop.
    var isSettled: Bool
    /// Whether it is one of TCP, and not of a Unix socket.
    let isTCP: Bool
    /// It keeps its connections, too, until they are closed or it ends.
    let serverLoop: ServerLoop
    let descriptor: Int32
    /// What has come of a request. Unchecked: a connection is one loop's, and nothing calls back into it while this changes.
    @exclusivity(unchecked) var arrival = Arrival()
    var keepsConnection = true
    /// Whether nginx keeps it; not known before the first request.
    var isOfNginx: Bool?
    /// Whether the last answer was given after the server was told to stop, and ends the connection.
    var hasEnded = false
    /// Whether the loop tells what happens on it. It does not where nothing more is read, and the answer is not there yet.
    var isWatched = true
    var peerIsGone = false
    /// Since when it is idle, where it is, monotonic.
    var idleSince: UInt64
    var unsent: [UInt8] = []
    /// Whether the last answer was so long that some of it may not have reached the peer when it is all sent.
    var wasLong = false
    /// What a connection that lingers may still take.
    var patience = Patience(bytes: 0, end: 0)
    /// About what a request takes beside its body until it is answered, in bytes.
    static let requestSize = 1 << 10

    /// When a peer that does not go on is given up, monotonic; `nil` while nothing is awaited of it.
    var deadline: UInt64?

    struct Patience {
        /// How much is thrown away.
        var bytes: Int
        /// Until when, monotonic.
        var end: UInt64
    }

    init(descriptor: Int32, isTCP: Bool, isSettled: Bool, serverLoop: ServerLoop) {
        self.descriptor = descriptor
        self.isTCP = isTCP
        self.isSettled = isSettled
        self.serverLoop = serverLoop
        idleSince = serverLoop.loop.now
    }

    func ready(_ readiness: Loop.Readiness) {
        switch phase {
        case .idle, .arriving, .answering: if readiness.contains(.readable) { receive() }
        case .sending: sendRest()
        case .lingering: discard()
        case .closed: break
        }
    }

    /// Whether it can be closed without breaking off a request.
    var isIdle: Bool { phase == .idle }

    func expectMore(by time: UInt64) {
        deadline = time
        serverLoop.awaits(self, until: time)
    }
}
