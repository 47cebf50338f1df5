/// How much of a request lies in a connection's receive buffer, judged from a peek, before libfcgi reads any of it.
///
/// libfcgi blocks where bytes are missing, asserts on absurd parameter lengths, and loses its place on records that
/// do not belong to the request. So it only gets to read what was looked at here first: a request whose records are
/// of one id, in order, and whose parameters add up.
enum Arrival: Equatable {
    /// Parameters and body are all here: reading them does not block.
    case whole
    /// The parameters are all here, the body is not.
    case head
    /// Not even the parameters are all here.
    case partial
    /// Not a request that a web server sends: the connection is of no further use.
    case refused(Reason)

    /// Why a connection's bytes are refused.
    enum Reason: Equatable {
        case notVersion1
        case unexpectedRecord
        case otherRequest
        case malformedBegin
        case malformedParams
    }

    /// Judges the bytes from the start of a request on.
    static func judge(_ bytes: UnsafeRawBufferPointer) -> Arrival {
        var at = 0
        var id: UInt16 = 0
        var params = ParamsCheck()
        var step = Record.Kind.beginRequest
        while true {
            let left = bytes.count - at
            guard left >= Record.headerLength else { return step == .stdin ? .head : .partial }
            guard bytes[at] == 1 else { return .refused(.notVersion1) }
            guard bytes[at + 1] == step.rawValue else {
                // The web server gave up in the middle; libfcgi reports that as an error of its input.
                return step == .stdin && bytes[at + 1] == Record.Kind.abortRequest.rawValue
                    ? .head : .refused(.unexpectedRecord)
            }
            let recordID = UInt16(bytes[at + 2]) << 8 | UInt16(bytes[at + 3])
            let length = Int(bytes[at + 4]) << 8 | Int(bytes[at + 5])
            let next = at + Record.headerLength + length + Int(bytes[at + 6])
            if step == .beginRequest {
                guard recordID != 0, length == 8 else { return .refused(.malformedBegin) }
                id = recordID
            }
            guard recordID == id else { return .refused(.otherRequest) }
            if step == .params {
                let content = min(length, left - Record.headerLength)
                let start = at + Record.headerLength
                guard params.feed(UnsafeRawBufferPointer(rebasing: bytes[start..<start + content])) else {
                    return .refused(.malformedParams)
                }
            }
            guard next <= bytes.count else { return step == .stdin ? .head : .partial }
            at = next
            switch step {
            case .beginRequest: step = .params
            case .params where length == 0:
                guard params.isBetweenPairs else { return .refused(.malformedParams) }
                step = .stdin
            case .stdin where length == 0: return .whole
            default: break
            }
        }
    }
}
