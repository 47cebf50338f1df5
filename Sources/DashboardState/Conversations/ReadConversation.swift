/// A read: `GET`, and what the value means under the request's preconditions.
public struct ReadConversation: Equatable, Sendable {
    private let ifMatch: Precondition
    private let ifNoneMatch: Precondition

    /// What a read is answered with.
    public enum Verdict: Equatable, Sendable {
        /// With the document.
        case found
        /// With its entity tag alone: the client has it.
        case notModified
        /// There is no document.
        case nothingStored
        /// It is not the one that was asked for.
        case preconditionFailed
        /// There is no answer.
        case failed(StoreFailure)
    }

    /// A document that was read.
    public struct Document: Equatable, Sendable {
        /// Where its entity tag lies; `nil` where it is the one that was derived.
        public var tag: Range<Int>?
        /// Where its time lies, without quotes; empty where there is none.
        public var lastModified: Range<Int>
    }

    /// What came of it.
    public struct Result: Equatable, Sendable {
        /// What it is answered with.
        public var verdict: Verdict
        /// What is stored; `nil` where that is nothing, or no document.
        public var document: Document?
        /// Something is stored that is no document.
        public var isUnusable: Bool

        /// A result.
        public init(verdict: Verdict, document: Document? = nil, isUnusable: Bool = false) {
            self.verdict = verdict
            self.document = document
            self.isUnusable = isUnusable
        }
    }

    /// A read under these preconditions.
    public init(ifMatch: Precondition, ifNoneMatch: Precondition) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    /// Takes the reply.
    /// - Parameter derivedTag: gets the entity tag of a document that other software wrote, of which `deriveTag` makes it:
    ///   the SHA-1 of its bytes in lowercase hex.
    public mutating func take(
        _ reply: StoreReply,
        _ derivedTag: inout [UInt8],
        deriveTag: (RawSpan) -> [UInt8]
    ) -> Step<Result> {
        switch reply {
        case .bytes(let bytes): .done(judge(bytes, &derivedTag, deriveTag))
        case .nothing: .done(Result(verdict: nothingStored))
        case .refused(let refusal) where refusal.reason == .wrongType:
            .done(Result(verdict: nothingStored, isUnusable: true))
        case .refused(let refusal): failed(StoreFailure(refusal, isWrite: false))
        case .lost(let mayBeDone): failed(.lost(mayBeDone: mayBeDone))
        case .done, .number, .foreign: failed(.foreign(isWrite: false))
        }
    }

    private var nothingStored: Verdict { ifMatch == .none ? .nothingStored : .preconditionFailed }

    private func failed(_ failure: StoreFailure) -> Step<Result> { .done(Result(verdict: .failed(failure))) }

    @inline(__always)
    private func judge(
        _ bytes: RawSpan,
        _ derivedTag: inout [UInt8],
        _ deriveTag: (RawSpan) -> [UInt8]
    ) -> Result {
        switch StoredDocument(bytes) {
        case .own(let tag, let lastModified):
            let verdict = verdict(bytes[tag])
            return Result(verdict: verdict, document: Document(tag: tag, lastModified: lastModified))
        case .foreign(let time):
            derivedTag = deriveTag(bytes)
            let inside = time.map { ($0.lowerBound + 1)..<max($0.lowerBound + 1, $0.upperBound - 1) }
            let document = Document(tag: nil, lastModified: inside ?? 0..<0)
            return Result(verdict: verdict(derivedTag.span.bytes), document: document)
        case .unusable:
            return Result(verdict: nothingStored, isUnusable: true)
        }
    }

    @inline(__always)
    private func verdict(_ tag: RawSpan) -> Verdict {
        if case .none = ifMatch {} else if !ifMatch.includes(tag) { return .preconditionFailed }
        if case .none = ifNoneMatch { return .found }
        return ifNoneMatch.includes(tag) ? .notModified : .found
    }
}
