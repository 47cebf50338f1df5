import EventLoop
import Glibc

/// The one request for which a web server has started the process, and its answer: the older interface, in which the
/// environment holds the parameters, descriptor 0 the body, and descriptor 1 takes the answer.
///
/// Source: RFC 3875.
public final class CGIRequest: Responder {
    private let arrivedAt = Clock.monotonic()
    private let onAnswer: () -> Void

    /// Whether the process was started for one request. A listening socket says that it was not, whatever a
    /// supervisor's environment holds.
    public static var isRequested: Bool { getenv("GATEWAY_INTERFACE") != nil && !Listener.areHandedOver }

    /// - Parameter onAnswer: called when the answer is written.
    public init(onAnswer: @escaping () -> Void) { self.onAnswer = onAnswer }

    /// Reads the request and has it handled.
    /// - Parameter limits: those for bodies count.
    public func handle(by handler: any RequestHandler, limits: Limits) {
        Params.withEntries(environ, handler.params) { handle($0, by: handler, limits) }
    }

    private func handle(_ params: Params, by handler: any RequestHandler, _ limits: Limits) {
        let announced = params.contentLength
        var body: [UInt8] = []
        // A web server that cannot hand all of a body over gives up the answer.
        let most = limits.longestDrain + limits.longestLinger
        let length = Self.read(min(announced.bytes ?? 0, most), keeping: limits.longestBody, to: &body)
        // Of a chunked body no length is announced, so that its end could not be told from a hang-up: it counts for
        // nothing. It is read all the same, since Apache loses the answer of a program that leaves a body unread.
        if announced == .none, getenv("HTTP_TRANSFER_ENCODING") != nil {
            _ = Self.read(most, keeping: -1, to: &body)
        }
        let request = Request(
            params: params,
            body: body.span.bytes,
            length: length,
            announced: announced,
            longest: limits.longestBody,
            arrivedAt: arrivedAt
        )
        handler.handle(request, self)
    }

    /// Writes the answer to standard output.
    public func respond(head: RawSpan, body: RawSpan) {
        // A web server that has gone away needs no answer.
        _ = head.withUnsafeBytes(Self.write) && body.withUnsafeBytes(Self.write)
        onAnswer()
    }

    /// Reads what was announced and no byte more: a web server need not close descriptor 0 behind a body.
    /// - Returns: how many bytes came.
    private static func read(_ announced: Int, keeping longest: Int, to body: inout [UInt8]) -> Int {
        var length = 0
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { chunk in
            while length < announced {
                let count = Glibc.read(STDIN_FILENO, chunk.baseAddress, min(chunk.count, announced - length))
                guard count > 0 else {
                    if count < 0, isToBeTriedAgain(STDIN_FILENO, POLLIN) { continue }
                    return
                }
                length += count
                if length <= longest { body.append(contentsOf: chunk[..<count]) }
            }
        }
        return length
    }

    private static func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
            guard count > 0 else {
                if count < 0, isToBeTriedAgain(STDOUT_FILENO, POLLOUT) { continue }
                return false
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// Whether a call that has just failed on a descriptor has only come too early; waits until it can be made again. Who
    /// hands one over may not want to wait there itself, and that holds for all that have it.
    private static func isToBeTriedAgain(_ descriptor: Int32, _ event: Int32) -> Bool {
        if errno == EINTR { return true }
        guard errno == EAGAIN else { return false }
        var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        return poll(&waiting, 1, -1) >= 0 || errno == EINTR
    }
}
