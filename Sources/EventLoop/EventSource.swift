/// Whoever a ``Loop`` tells what a descriptor is ready for. The loop keeps it for as long as it watches the descriptor.
public protocol EventSource: AnyObject {
    /// The descriptor is ready. Called on the loop's thread.
    func ready(_ readiness: Loop.Readiness)
}
