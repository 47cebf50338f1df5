import Synchronization

/// What all TLS connections to a Redis share: its authorities, and our certificate. Made at start, and anew where the files
/// have changed when a connection is made.
public final class TLSContext: Sendable {
    /// What is in use, and what was found of the files.
    private struct State {
        var materials: TLSMaterials
        var stamps: [FileStamp]
        /// The materials may be out of date though no file has changed.
        var isDoubtful = false
    }

    let settings: TLSSettings
    private let state: Mutex<State>

    /// Reads all files.
    /// - Throws: ``RESPError/tls(_:)``, about the first that cannot be used.
    public init(_ settings: TLSSettings) throws(RESPError) {
        guard settings.serverName.map({ TLSName($0) != nil }) ?? true else {
            throw .tls(.unusableName(variable: TLSSettings.Variable.serverName))
        }
        self.settings = settings
        let stamps = Self.stamps(settings)
        state = Mutex(State(materials: try TLSMaterials(settings), stamps: stamps))
    }

    /// What to make the next connection with.
    /// - Parameter tell: called with what is wrong with files that have changed: what was in use before is used on.
    func current(tell: (RESPError) -> Void) -> TLSMaterials {
        // Read before the files, so that a change in between is seen the next time.
        let stamps = Self.stamps(settings)
        let found: (TLSMaterials, RESPError?) = state.withLock { state in
            guard stamps != state.stamps || state.isDoubtful else { return (state.materials, nil) }
            state.stamps = stamps
            state.isDoubtful = false
            do throws(RESPError) { state.materials = try TLSMaterials(settings) } catch {
                return (state.materials, error)
            }
            return (state.materials, nil)
        }
        if let error = found.1 { tell(error) }
        return found.0
    }

    /// A server's certificate was refused: the system's authorities, which lie in many files, may have changed.
    func doubt() {
        guard settings.caFile == nil else { return }
        state.withLock { $0.isDoubtful = true }
    }

    private static func stamps(_ settings: TLSSettings) -> [FileStamp] {
        [settings.caFile, settings.certificateFile, settings.keyFile].compactMap { $0 }.map(FileStamp.init)
    }
}
