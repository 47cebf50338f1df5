/// Finds its way through the records of one request as their bytes arrive, in whatever pieces.
///
/// It says what each stretch of bytes is, and keeps none. A request's records must be of one id and in order: libfcgi,
/// which reads what is found here, would lose its place over others.
///
/// Source: FastCGI Specification, sections 3.3, 5.1, 5.2 and 5.3.
struct RecordReader {
    /// What comes next in the bytes.
    enum Piece: Equatable {
        /// Content of `FCGI_PARAMS`.
        case params(Range<Int>)
        /// Content of `FCGI_STDIN`.
        case body(Range<Int>)
        /// The request is complete.
        case end
        /// Nothing more, or not the whole of the next header.
        case more
        /// Not a request, or not one any more: the connection is of no further use.
        case refused(Reason)
    }

    /// Why a connection's bytes are refused.
    enum Reason: Equatable {
        case notVersion1
        case unexpectedRecord
        case otherRequest
        case malformedBegin
        case malformedParams
        case paramsTooLong
        /// The web server gave the request up: `FCGI_ABORT_REQUEST`.
        case aborted
        /// Something follows a request before it is answered.
        case notAwaited
    }

    /// The most bytes of parameters that are let through: what one record holds.
    static let longestParams = 65535

    /// The request's id.
    private(set) var id: UInt16 = 0
    /// What the web server wants the program to be.
    private(set) var role = 0
    /// Whether the connection is to be kept after the answer.
    private(set) var keepsConnection = false

    /// The kind of the record that is being passed, and of the next one that may come.
    private var current = Record.Kind.beginRequest
    private var expected = Record.Kind.beginRequest
    private var paramsLength = 0
    private var contentLeft = 0
    private var paddingLeft = 0
    private var isEnding = false

    /// Takes the next piece of `bytes` from `at` on, which is moved behind it.
    ///
    /// After ``Piece/more``, the bytes from `at` on are to be given again with those that follow them.
    mutating func next(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Piece {
        while true {
            if contentLeft > 0 {
                guard at < bytes.count else { return .more }
                let content = take(&contentLeft, bytes, &at)
                guard current == .params else { return .body(content) }
                paramsLength += content.count
                return paramsLength <= Self.longestParams ? .params(content) : .refused(.paramsTooLong)
            }
            if paddingLeft > 0 {
                guard at < bytes.count else { return .more }
                _ = take(&paddingLeft, bytes, &at)
                continue
            }
            if isEnding { return .end }
            let needed = Record.headerLength + (expected == .beginRequest ? Record.beginContentLength : 0)
            guard bytes.count - at >= needed else { return .more }
            if let reason = begin(UnsafeRawBufferPointer(rebasing: bytes[at..<(at + needed)])) {
                return .refused(reason)
            }
            at += needed
        }
    }

    private func take(_ left: inout Int, _ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Range<Int> {
        let range = at..<min(bytes.count, at + left)
        at = range.upperBound
        left -= range.count
        return range
    }

    /// Takes a record's header, and the content of `FCGI_BEGIN_REQUEST` with it.
    /// - Returns: what is wrong with it.
    private mutating func begin(_ header: UnsafeRawBufferPointer) -> Reason? {
        guard header[0] == 1 else { return .notVersion1 }
        guard header[1] == expected.rawValue else {
            let isAbort = expected == .stdin && header[1] == Record.Kind.abortRequest.rawValue
            return isAbort ? .aborted : .unexpectedRecord
        }
        let recordID = UInt16(header[2]) << 8 | UInt16(header[3])
        contentLeft = Int(header[4]) << 8 | Int(header[5])
        paddingLeft = Int(header[6])
        current = expected
        if current == .beginRequest {
            guard recordID != 0, contentLeft == Record.beginContentLength else { return .malformedBegin }
            id = recordID
            role = Int(header[8]) << 8 | Int(header[9])
            keepsConnection = header[10] & Record.keepsConnection != 0
            contentLeft = 0
            expected = .params
        }
        guard recordID == id else { return .otherRequest }
        // An empty record ends its stream.
        if current == .params, contentLeft == 0 { expected = .stdin }
        isEnding = current == .stdin && contentLeft == 0
        return nil
    }
}
