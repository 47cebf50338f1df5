import COpenSSL
import Glibc

/// An `SSL_CTX`: the authorities that are trusted, our certificate, and what may be agreed on.
///
/// Unchecked: nothing of it changes once it is made. OpenSSL counts its users atomically, and takes locks where connections
/// on several threads share something of it.
final class TLSMaterials: @unchecked Sendable {
    let context: OpaquePointer
    let library: TLSLibrary
    /// Whether there is a certificate of ours.
    let hasCertificate: Bool

    /// Reads all files.
    init(_ settings: TLSSettings) throws(RESPError) {
        library = try TLSLibrary.loaded.get()
        guard let context = library.makeContext(library.makeMethod()) else { throw .tls(.failed(Self.words())) }
        self.context = context
        hasCertificate = settings.certificateFile != nil
        agreeOnlyOn(TLS1_2_VERSION)
        library.setVerification(context, SSL_VERIFY_PEER, nil)
        try trust(settings.caFile)
        try identify(settings)
    }

    deinit { library.freeContext(context) }

    private func agreeOnlyOn(_ leastVersion: Int32) {
        _ = library.controlContext(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(leastVersion), nil)
        // A server could have another handshake in the middle of a command otherwise.
        _ = library.setOptions(context, Self.noRenegotiation)
        // Links keep sessions themselves, each its own.
        _ = library.controlContext(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        // One system call for a record's head and body, and for several records.
        _ = library.controlContext(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
    }

    /// `SSL_OP_NO_RENEGOTIATION`, a macro that Swift does not see.
    static let noRenegotiation: UInt64 = 1 << 30

    private func trust(_ caFile: String?) throws(RESPError) {
        guard let caFile else {
            guard library.useSystemAuthorities(context) == 1 else { throw .tls(.failed(Self.words())) }
            return
        }
        try Self.checkReadable(caFile, TLSSettings.Variable.caFile)
        guard library.loadAuthorities(context, caFile) == 1 else {
            throw .tls(.noCertificate(variable: TLSSettings.Variable.caFile, path: caFile))
        }
    }

    private func identify(_ settings: TLSSettings) throws(RESPError) {
        let names = (TLSSettings.Variable.certificateFile, TLSSettings.Variable.keyFile)
        guard let certificate = settings.certificateFile else {
            guard settings.keyFile == nil else { throw .tls(.incomplete(set: names.1, missing: names.0)) }
            return
        }
        guard let keyFile = settings.keyFile else { throw .tls(.incomplete(set: names.0, missing: names.1)) }
        try Self.checkReadable(certificate, names.0)
        guard library.useCertificateChain(context, certificate) == 1 else {
            throw .tls(.noCertificate(variable: names.0, path: certificate))
        }
        let key = try Self.readKey(keyFile)
        defer { EVP_PKEY_free(key) }
        guard library.useKey(context, key) == 1, library.checkKey(context) == 1 else {
            throw .tls(.otherKey(certificatePath: certificate, keyPath: keyFile))
        }
    }

    private static func readKey(_ path: String) throws(RESPError) -> OpaquePointer {
        let variable = TLSSettings.Variable.keyFile
        try checkReadable(path, variable)
        guard let file = BIO_new_file(path, "r") else {
            throw .tls(.unreadable(variable: variable, path: path, errno: errno))
        }
        defer { BIO_free(file) }
        var isLocked = false
        // Nobody is there to type a passphrase: OpenSSL would ask on a terminal.
        ERR_clear_error()
        let key = PEM_read_bio_PrivateKey(
            file,
            nil,
            { _, _, _, isLocked in
                isLocked?.storeBytes(of: true, as: Bool.self)
                return -1
            },
            &isLocked
        )
        guard let key else {
            throw .tls(isLocked ? .lockedKey(variable: variable, path: path) : .noKey(variable: variable, path: path))
        }
        return key
    }

    /// OpenSSL says of a file that it cannot open no more than of one without a certificate.
    private static func checkReadable(_ path: String, _ variable: String) throws(RESPError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .tls(.unreadable(variable: variable, path: path, errno: errno)) }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        guard read(descriptor, &byte, 1) >= 0 else {
            throw .tls(.unreadable(variable: variable, path: path, errno: errno))
        }
    }

    /// What OpenSSL says of its last failure on this thread.
    static func words() -> String {
        ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) } ?? "OpenSSL does not say why"
    }
}
