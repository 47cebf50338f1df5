/// Why settings of traces cannot be used, in words that follow the name of the setting. Values, which may hold secrets, are
/// not among them.
public enum TracingError: Error, Equatable, CustomStringConvertible {
    /// TLS is asked for.
    case https
    /// No `http://`.
    case scheme
    /// `user:password@`.
    case credentials
    /// No host, or none that one could be called.
    case host
    /// No number from 1 to 65535.
    case port
    /// A query where a path will be appended, a fragment, or what is no part of a URL.
    case path
    /// Not `name=value`, with commas between.
    case list
    /// A field of HTTP with a name or value that none can have, or that is set by the worker itself.
    case field

    /// What it must be.
    public var description: String {
        switch self {
        case .https:
            """
            is https, and spans are sent over plain HTTP alone: name a collector on this machine or network as \
            http://host:4318, and have it send them on
            """
        case .scheme: "must be http://host[:port][/path]"
        case .credentials:
            "must not hold a user or password: OTEL_EXPORTER_OTLP_HEADERS can have an Authorization field"
        case .host: "has no host that could be looked up"
        case .port: "has a port that is not 1 to 65535"
        case .path: "has a path, query or fragment that cannot be used"
        case .list: "must be name=value,name=value with values percent-encoded"
        case .field:
            """
            names a field that no request can have, or that the worker sets itself, or has a value with a line end
            """
        }
    }
}
