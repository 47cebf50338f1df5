/// Why there is no store.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A URL that leads to no Redis, and why.
    case unusableURL(String)
    /// Settings or files with which TLS cannot be spoken, and why.
    case unusableTLS(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .unusableURL(let reason), .unusableTLS(let reason): reason
        }
    }
}
