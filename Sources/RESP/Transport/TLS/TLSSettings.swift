/// What TLS to Redis is done with, as the environment says it.
public struct TLSSettings: Equatable, Sendable {
    /// A file with the certificates of authorities who are trusted, in PEM; the system's are where it is `nil`.
    public var caFile: String?
    /// A file with a client certificate, and those between it and its authority behind it, in PEM.
    public var certificateFile: String?
    /// A file with its private key, in PEM.
    public var keyFile: String?
    /// What the server's certificate must be for, where that is not the host of the URL.
    public var serverName: String?

    /// Settings with these values.
    public init(
        caFile: String? = nil,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        serverName: String? = nil
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.serverName = serverName
    }

    /// The names of the variables that they are read from, which messages speak of.
    enum Variable {
        static let caFile = "REDIS_TLS_CA_FILE"
        static let certificateFile = "REDIS_TLS_CERT_FILE"
        static let keyFile = "REDIS_TLS_KEY_FILE"
        static let serverName = "REDIS_TLS_SERVER_NAME"
    }
}
