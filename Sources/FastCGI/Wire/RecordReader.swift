/// Finds its way through the records of a connection as their bytes arrive, in whatever pieces.
///
/// It says what each stretch of bytes is, and keeps none. One request at a time is read: its records must be in order,
/// since libfcgi, which reads what is found here, would lose its place over others. Records of requests that are not
/// active are passed over.
///
/// Source: FastCGI Specification, sections 3.3, 4, 5.1 to 5.5.
struct RecordReader {
    /// What comes next in the bytes.
    enum Piece: Equatable {
        /// Content of `FCGI_PARAMS`, no more than ``longestParams`` bytes of a request.
        case params(Range<Int>)
        /// Content of `FCGI_STDIN`.
        case body(Range<Int>)
        /// The request is complete. Until ``answered()`` it stays active.
        case end
        /// The request has so many parameters that their end is not worth waiting for: see ``cutShort()``.
        case endless
        /// Nothing more, or not the whole of the next header.
        case more
        /// Something that wants an answer of its own, or ends the request.
        case notice(Notice)
        /// What no web server sends: the connection is of no further use.
        case refused(Reason)
    }

    /// What records say beside the content of a request.
    enum Notice: Equatable {
        /// The request that begins is not one for a responder: it is not active.
        case otherRole
        /// The web server gave the request up: `FCGI_ABORT_REQUEST`. Unless it is complete it is not active any more.
        case aborted
        /// Another request begins before the active one is answered.
        case anotherRequest(id: UInt16)
        /// The web server wants to know what this program can do: the content of `FCGI_GET_VALUES`.
        case values(Range<Int>)
        /// A management record of a type that is not known.
        case unknownType(UInt8)
    }

    /// Why a connection's bytes are refused.
    enum Reason: Equatable {
        case notVersion1
        case unexpectedRecord
        case malformedBegin
        case malformedParams
        /// More of a request that is complete.
        case notAwaited
    }

    /// The most bytes of parameters that are let through: what one record holds.
    static let longestParams = 65535
    /// The most bytes of parameters that are passed over for the request to be answered at its end.
    private static let longestPassed = 64 << 20

    private enum Stage {
        /// No request is active.
        case begin
        case params, body
        /// The request is complete, and not answered yet.
        case answering
    }

    /// The request's id.
    private(set) var id: UInt16 = 0
    /// Whether the connection is to be kept after the answer.
    private(set) var keepsConnection = false
    /// Whether the request has more parameters than are let through.
    private(set) var hasTooManyParams = false
    /// Whether the latest request is over, and its end has not come: what follows of it is passed over.
    private(set) var isCutShort = false

    /// Whether the request that was aborted last had all but the rest of its body.
    private var wasAbortedInBody = false

    private var stage = Stage.begin
    /// How the next record of the active request begins in memory: version, type and id; or ``nothing``.
    private var expected = Self.nothing
    /// More than a record's beginning can be: none of the active request may come.
    private static let nothing = UInt64.max
    private var paramsLength = 0
    /// Of a record of the active request.
    private var contentLeft = 0
    /// What is passed over: padding, and the content of other records.
    private var passedLeft = 0
    private var isEnding = false

    /// Whether nothing has begun: neither a request nor a record.
    var isAtRest: Bool { (stage == .begin || stage == .answering) && contentLeft == 0 && passedLeft == 0 }

    /// Whether all but the rest of the body has come of the active request, or of one that was just aborted.
    var lacksBody: Bool { stage == .body || wasAbortedInBody }

    /// Has an aborted request lack nothing, since it was told of.
    mutating func forgetAborted() { wasAbortedInBody = false }

    /// The request is answered, and its id free.
    mutating func answered() { expect(.begin) }

    /// Takes the active request for complete, though its end has not come. What follows of it is passed over.
    @inline(never)
    mutating func cutShort() {
        isCutShort = true
        passedLeft += contentLeft
        contentLeft = 0
        expect(.answering)
    }

    /// Takes the next piece of `bytes` from `at` on, which is moved behind it.
    ///
    /// After ``Piece/more``, the bytes from `at` on are to be given again with those that follow them.
    mutating func next(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Piece {
        while true {
            if contentLeft > 0 {
                guard at < bytes.count else { return .more }
                if let piece = takeContent(bytes, &at) { return piece }
                continue
            }
            if passedLeft > 0 {
                guard at < bytes.count else { return .more }
                _ = take(&passedLeft, bytes, &at)
                continue
            }
            if isEnding {
                isEnding = false
                expect(.answering)
                return .end
            }
            guard bytes.count - at >= Record.headerLength else { return .more }
            if let piece = takeHeader(bytes, &at) { return piece }
        }
    }

    /// - Returns: nothing where the content does not matter.
    @inline(__always)
    private mutating func takeContent(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Piece? {
        let range = take(&contentLeft, bytes, &at)
        guard stage == .params else { return .body(range) }
        paramsLength += range.count
        if paramsLength <= Self.longestParams { return .params(range) }
        hasTooManyParams = true
        return paramsLength <= Self.longestPassed ? nil : .endless
    }

    @inline(__always)
    private func take(_ left: inout Int, _ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Range<Int> {
        let range = at..<min(bytes.count, at + left)
        at = range.upperBound
        left -= range.count
        return range
    }

    /// Takes a record's header.
    /// - Returns: what is to be told of it at once.
    @inline(__always)
    private mutating func takeHeader(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Piece? {
        let header = bytes.baseAddress! + at
        guard UInt64(header.loadUnaligned(as: UInt32.self)) == expected else { return takeOther(bytes, &at) }
        at += Record.headerLength
        contentLeft = Record.contentLength(header)
        passedLeft = Record.paddingLength(header)
        // An empty record ends its stream.
        if contentLeft == 0 {
            if stage == .params { expect(.body) } else { isEnding = true }
        }
        return nil
    }

    private mutating func expect(_ next: Stage) {
        stage = next
        switch next {
        case .params: expected = UInt64(Record.beginning(.params, id: id))
        case .body: expected = UInt64(Record.beginning(.stdin, id: id))
        case .begin, .answering: expected = Self.nothing
        }
    }

    /// Takes the header of a record that is not the next one of the active request, and with it the content of
    /// `FCGI_BEGIN_REQUEST` and `FCGI_GET_VALUES`.
    private mutating func takeOther(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Piece? {
        let header = bytes.baseAddress! + at
        let start = at + Record.headerLength
        let length = Record.contentLength(header)
        let kind = header.load(fromByteOffset: 1, as: UInt8.self)
        let recordID = UInt16(bigEndian: header.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        guard header.load(as: UInt8.self) == 1 else { return .refused(.notVersion1) }
        let isBegin = kind == Record.Kind.beginRequest.rawValue
        let asksValues = kind == Record.Kind.getValues.rawValue && recordID == 0
        guard isBegin || asksValues else {
            at = start
            passedLeft = length + Record.paddingLength(header)
            return judge(kind, recordID, isEmpty: length == 0)
        }
        if isBegin, recordID == 0 || length != Record.beginContentLength { return .refused(.malformedBegin) }
        guard bytes.count - start >= length else { return .more }
        at = start + length
        passedLeft = Record.paddingLength(header)
        return isBegin ? begin(recordID, header + Record.headerLength) : .notice(.values(start..<at))
    }

    private mutating func begin(_ recordID: UInt16, _ content: UnsafeRawPointer) -> Piece? {
        guard stage == .begin else {
            if recordID != id { return .notice(.anotherRequest(id: recordID)) }
            return .refused(stage == .answering ? .notAwaited : .unexpectedRecord)
        }
        id = recordID
        keepsConnection = content.load(fromByteOffset: 2, as: UInt8.self) & Record.keepsConnection != 0
        isCutShort = UInt16(bigEndian: content.loadUnaligned(as: UInt16.self)) != Record.responderRole
        guard !isCutShort else { return .notice(.otherRole) }
        expect(.params)
        paramsLength = 0
        hasTooManyParams = false
        return nil
    }

    /// Judges a record that is not the next one of the active request, nor the beginning of one.
    private mutating func judge(_ kind: UInt8, _ recordID: UInt16, isEmpty: Bool) -> Piece? {
        let known = Record.Kind(rawValue: kind)
        // An answer to such an answer could go on for ever.
        if recordID == 0 { return known?.isManagementAnswer == true ? nil : .notice(.unknownType(kind)) }
        guard recordID == id else { return nil }
        if isCutShort, known == .params || known == .stdin {
            if isEmpty, known == .stdin { isCutShort = false }
            return nil
        }
        if known == .abortRequest { isCutShort = false }
        guard stage != .begin else { return nil }
        if known == .abortRequest {
            if stage != .answering {
                wasAbortedInBody = stage == .body
                expect(.begin)
            }
            return .notice(.aborted)
        }
        return .refused(stage == .answering ? .notAwaited : .unexpectedRecord)
    }
}
