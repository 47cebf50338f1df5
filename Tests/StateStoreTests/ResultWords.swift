import DashboardState
import StateStore

/// What comes of what a store is asked, in words.
class ResultWords: StateAsker {
    var results: [String] = [] { didSet { if !results.isEmpty { onResult() } } }
    /// Called with each result.
    var onResult: () -> Void = {}

    func receive(_ result: ReadResult) {
        switch result {
        case .found(let document, let tag, _): results.append("found \(text(tag)) \(text(document))")
        case .notModified(let tag, _): results.append("not modified \(text(tag))")
        case .nothingStored: results.append("nothing stored")
        case .preconditionFailed: results.append("precondition failed")
        case .failed(let meaning): results.append("\(meaning)")
        }
    }

    func receive(_ result: SaveResult) {
        switch result {
        case .saved(let version, _, let replaced): results.append("saved \(version)\(replaced ? " over another" : "")")
        case .unchanged(let version, let tag): results.append("unchanged \(version) \(text(tag))")
        case .refused(let version, let current): results.append("refused \(version) \(text(current))")
        case .preconditionFailed(let current): results.append("precondition failed \(text(current))")
        case .failed(let meaning): results.append("\(meaning)")
        }
    }

    func receive(_ result: DeleteResult) {
        switch result {
        case .deleted(let existed): results.append(existed ? "deleted" : "nothing to delete")
        case .preconditionFailed(let current): results.append("precondition failed \(text(current))")
        case .failed(let meaning): results.append("\(meaning)")
        }
    }

    func receive(_ result: ReadinessResult) {
        switch result {
        case .ready: results.append("ready")
        case .partly(let reason): results.append("partly: \(reason)")
        case .readOnly(let reason): results.append("read-only: \(reason)")
        case .failed(let meaning): results.append("\(meaning)")
        }
    }

    private func text(_ bytes: RawSpan?) -> String {
        guard let bytes else { return "" }
        return bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
