/// A link's part in TLS: what its connections are made with, and what the last one left for the next.
final class TLSClient {
    /// Told of files that have changed and cannot be used; what was known before is used on.
    var onUnusableFiles: (RESPError) -> Void = { _ in }

    private let context: TLSContext
    private let name: TLSName
    private var session: TLSSession?

    /// - Parameter host: what the URL calls the server.
    init(_ context: TLSContext, host: String) {
        self.context = context
        // What is neither name nor address was refused with the settings; no certificate is for it.
        name = TLSName(context.settings.serverName ?? host) ?? .host(host)
    }

    /// Makes what the next connection speaks by.
    func connection(over descriptor: Int32) throws(RESPError) -> TLSConnection {
        let materials = context.current(tell: onUnusableFiles)
        if let session, !session.isOf(materials) { self.session = nil }
        return try TLSConnection(over: descriptor, with: materials, to: name, resuming: session)
    }

    /// The server has answered: what it has given to be resumed has come by now.
    func isOfUse(_ connection: TLSConnection) {
        if let session = connection.makeSession() { self.session = session }
    }

    /// A connection came to nothing for this reason, so the next one resumes nothing.
    func failed(_ reason: RESPError) {
        session = nil
        if case .tls = reason { context.doubt() }
    }
}
