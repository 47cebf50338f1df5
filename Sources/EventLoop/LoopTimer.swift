/// Calls its action once when its deadline has passed, and again only when it is set again.
///
/// A loop has a handful of these, so it looks at all of them each time it waits.
public final class LoopTimer {
    /// Monotonic nanoseconds at which the action is due; `nil` while it is not set.
    public var deadline: UInt64? {
        get { due }
        set { due = newValue }
    }
    private var due: UInt64?
    private let action: () -> Void

    init(action: @escaping () -> Void) { self.action = action }

    func isDue(_ now: UInt64) -> Bool { due.map { $0 <= now } ?? false }

    func fire() {
        due = nil
        action()
    }
}
