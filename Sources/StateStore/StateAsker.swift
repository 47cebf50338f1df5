import DashboardState

/// Whoever asked for something: is told once what came of it, at once or later, on the same thread. A result is a
/// view on what Redis said, or on the entity tag that the store has derived of it, and cannot be kept.
public protocol StateAsker: AnyObject {
    /// What came of ``StateStore/read(_:ifMatch:ifNoneMatch:for:)``.
    func receive(_ result: ReadResult)
    /// What came of ``StateStore/save(_:of:under:for:)``.
    func receive(_ result: SaveResult)
    /// What came of ``StateStore/delete(_:under:for:)``.
    func receive(_ result: DeleteResult)
    /// What came of ``StateStore/tryWrite(for:)``.
    func receive(_ result: ReadinessResult)
}

/// What came of a read.
public enum ReadResult: ~Escapable {
    /// The document, its entity tag, and its time without quotes, which is empty where there is none.
    case found(RawSpan, tag: RawSpan, lastModified: RawSpan)
    /// It is the one that `If-None-Match` names.
    case notModified(tag: RawSpan, lastModified: RawSpan)
    /// There is no document; whether something is stored that is none.
    case nothingStored(isUnusable: Bool)
    /// It is not the one that `If-Match` names.
    case preconditionFailed
    /// Nobody knows.
    case failed(StoreFailure.Meaning)
}

/// What came of a save.
public enum SaveResult: ~Escapable {
    /// It is stored with its version and this entity tag; whether there was a document before.
    case saved(version: Int64, EntityTag, replaced: Bool)
    /// The very same save, of its version, had happened before, and got this entity tag.
    case unchanged(version: Int64, tag: RawSpan)
    /// The stored document wins, which is here where it was asked for.
    case refused(version: Int64, current: RawSpan?)
    /// The stored document, which is here where it was asked for, is not the one that a precondition wants.
    case preconditionFailed(current: RawSpan?)
    /// It was not carried out, or nobody knows.
    case failed(StoreFailure.Meaning)
}

/// What came of a delete.
public enum DeleteResult: ~Escapable {
    /// There is no document now; whether there was one.
    case deleted(Bool)
    /// The stored document, which is here where it was asked for, is not the one that a precondition wants.
    case preconditionFailed(current: RawSpan?)
    /// It was not carried out, or nobody knows.
    case failed(StoreFailure.Meaning)
}

/// Whether states can be read and written.
public enum ReadinessResult {
    /// Both.
    case ready
    /// Both, but for a part of the states, which the sentence tells.
    case partly(String)
    /// They can be read. Why they cannot be written, in a sentence.
    case readOnly(String)
    /// Neither.
    case failed(StoreFailure.Meaning)
}
