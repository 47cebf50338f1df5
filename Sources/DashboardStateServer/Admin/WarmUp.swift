import StateStore

/// Has a loop's link come up, and Redis load the scripts, before the first request needs them.
final class WarmUp {
    private let store: StateStore
    private let counts: LoopCounts
    /// When to try again, monotonic nanoseconds; `nil` where that is not wanted.
    private(set) var retryAt: UInt64?
    /// Called when ``retryAt`` has been set.
    var onFailure: () -> Void = {}
    private static let pause: UInt64 = 200_000_000

    init(_ store: StateStore, _ counts: LoopCounts) {
        self.store = store
        self.counts = counts
    }

    func begin(at now: UInt64) {
        retryAt = nil
        store.loadScripts { [weak self] loading in self?.ended(loading, now) }
    }

    private func ended(_ loading: StateStore.Loading, _ now: UInt64) {
        switch loading {
        case .done: counts.isWarm.store(true, ordering: .relaxed)
        case .failed:
            retryAt = now + Self.pause
            onFailure()
        }
    }

    func tick(_ now: UInt64) { if let due = retryAt, due <= now { begin(at: now) } }
}
