/// What came of a request's body.
public enum BodyStatus: Equatable, Sendable {
    /// All of it is here, and as long as was announced where a length was.
    case complete
    /// Longer than ``Limits/longestBody``; it was thrown away. The length is what was announced, or else what came.
    case tooLong(length: Int)
    /// Another length than `CONTENT_LENGTH` announced; what came is here.
    case unexpectedLength(announced: Int)
    /// `CONTENT_LENGTH` is no number, so that nothing tells how long it should be; what came is here.
    case malformedLength
}

/// What came of a request's parameters.
public enum ParamsStatus: Equatable, Sendable {
    /// All of them are here that are looked at.
    case complete
    /// There were more than a request may have, 65,535 bytes of them; none is here.
    case tooMany
    /// A value holds a NUL, behind which whoever takes it for a C string does not see it; none is here.
    case holdNUL
}

/// A request that has arrived: a view on the memory of whoever read it, which the compiler lets nobody keep.
public struct Request: ~Escapable {
    /// The parameters; none of them where ``paramsStatus`` says so.
    public let params: Params
    /// Whether the parameters are all that they should be.
    public let paramsStatus: ParamsStatus
    /// The body's bytes; empty where ``bodyStatus`` says that it was thrown away.
    public let body: RawSpan
    /// Whether the body is all that it should be.
    public let bodyStatus: BodyStatus
    /// How many bytes of the body came, kept or not.
    public let bodyLength: Int
    /// Whether it came to its end, or to where its end is not worth waiting for. Where it did not, nobody waits for an answer,
    /// and none goes anywhere.
    public let isWhole: Bool
    /// Monotonic nanoseconds at which the request was noticed.
    public let arrivedAt: UInt64

    /// - Parameters:
    ///   - body: what of the body was kept.
    ///   - length: how many bytes of it came.
    ///   - isWhole: whether it came to its end.
    @_lifetime(copy params, copy body)
    init(
        params: Params,
        paramsStatus: ParamsStatus = .complete,
        body: RawSpan,
        length: Int,
        announced: AnnouncedLength,
        longest: Int,
        arrivedAt: UInt64,
        isWhole: Bool = true
    ) {
        bodyLength = length
        self.isWhole = isWhole
        self.params = params
        self.paramsStatus = paramsStatus
        self.arrivedAt = arrivedAt
        let claimed = max(length, announced.bytes ?? 0)
        if claimed > longest {
            self.body = RawSpan()
            bodyStatus = .tooLong(length: claimed)
        } else {
            self.body = body
            bodyStatus =
                switch announced {
                case .bytes(let count) where count != length: .unexpectedLength(announced: count)
                case .malformed: .malformedLength
                case .bytes, .none: .complete
                }
        }
    }
}

/// Where an answer goes.
public protocol Responder: AnyObject {
    /// Answers the request, once.
    ///
    /// An answer to a peer that has hung up is dropped.
    /// - Parameters:
    ///   - head: CGI header lines up to and with the empty line; at most 64 KiB.
    ///   - body: what follows; may be empty.
    ///
    /// Source of the head's form: RFC 3875, section 6.
    func respond(head: RawSpan, body: RawSpan)
}

/// What a program does with requests. Each loop thread has one of its own and calls it on that thread only.
public protocol RequestHandler: AnyObject {
    /// The parameters that it looks at; no others reach it. Asked once.
    var params: ParamNames { get }

    /// Takes a request and answers it through `responder`, at once or later on the same thread.
    func handle(_ request: Request, _ responder: any Responder)
}
