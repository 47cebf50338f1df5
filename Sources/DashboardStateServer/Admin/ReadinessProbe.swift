import EventLoop
import StateStore

/// Finds out whether Redis takes writes, for whoever asks for the readiness: one write that changes nothing at a time, for
/// all who ask meanwhile.
final class ReadinessProbe: StateAsker {
    private let store: StateStore
    private let observation: WorkerObservation
    private var waiting: [(WorkerReadiness) -> Void] = []
    /// Whether a write is under way, for those who wait or for nobody any more.
    private var isAsking = false
    /// When those who wait are told that there is no answer, monotonic nanoseconds.
    private(set) var deadline: UInt64?
    /// Checks are often given a second.
    private static let patience: UInt64 = 500_000_000

    init(_ store: StateStore, _ observation: WorkerObservation) {
        self.store = store
        self.observation = observation
    }

    func ask(at now: UInt64, _ tell: @escaping (WorkerReadiness) -> Void) {
        guard !observation.isDraining else { return tell(.draining) }
        guard observation.isWarm else { return tell(.unavailable(trouble ?? "connecting to Redis")) }
        waiting.append(tell)
        if deadline == nil { deadline = now + Self.patience }
        guard !isAsking else { return }
        isAsking = true
        store.tryWrite(for: self)
    }

    func tick(_ now: UInt64) {
        guard let due = deadline, due <= now else { return }
        end(.unavailable("Redis has not answered within half a second"))
    }

    private var trouble: String? { observation.troubles.counts.trouble.map { "Redis: \($0)" } }

    private func end(_ readiness: WorkerReadiness) {
        deadline = nil
        let told = waiting
        waiting = []
        for tell in told { tell(readiness) }
    }

    func receive(_ result: ReadinessResult) {
        isAsking = false
        switch result {
        case .ready: end(.ready(nil))
        case .partly(let reason): end(.ready(reason))
        case .readOnly(let reason): end(.readOnly(reason))
        case .failed: end(.unavailable(trouble ?? "Redis does not carry out what it is asked: see the log"))
        }
    }

    // Nothing else is asked.
    func receive(_ result: ReadResult) {}
    func receive(_ result: SaveResult) {}
    func receive(_ result: DeleteResult) {}
}
