/// Owns a descriptor that a ``Loop`` watches.
///
/// A base class and not a protocol: epoll hands back one word, which holds a plain object reference but not an
/// existential's two.
open class EventSource {
    /// Makes a source that does not react to anything yet.
    public init() {}

    /// The descriptor is ready. Called on the loop's thread.
    open func ready(_ readiness: Loop.Readiness) {}
}
