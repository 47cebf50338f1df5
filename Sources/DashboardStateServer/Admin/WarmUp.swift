import StateStore

/// Has a loop's link come up, and Redis load the scripts, before the first request needs them.
final class WarmUp {
    private let store: StateStore
    private let counts: LoopCounts
    /// When to try again, monotonic nanoseconds; `nil` where that is not wanted.
    private(set) var retryAt: UInt64?
    private static let pause: UInt64 = 200_000_000

    init(_ store: StateStore, _ counts: LoopCounts) {
        self.store = store
        self.counts = counts
    }

    func begin(at now: UInt64) {
        // Also where no answer comes within any time that is allowed.
        retryAt = nil
        store.loadScripts { [weak self] loading in
            switch loading {
            case .done: self?.counts.isWarm.store(true, ordering: .relaxed)
            case .failed: self?.retryAt = now + Self.pause
            }
        }
    }

    func tick(_ now: UInt64) { if let due = retryAt, due <= now { begin(at: now) } }
}
