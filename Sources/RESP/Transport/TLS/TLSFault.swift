import COpenSSL
import Glibc

/// What is wrong with TLS: with the server's certificate or ours, with what is spoken at an address, or with the files.
public enum TLSFault: Equatable, Sendable, CustomStringConvertible {
    // What is wrong with the server's certificate.

    /// It has expired, or one between it and its authority.
    case expired
    /// It is not valid yet, or one between it and its authority.
    case notYetValid
    /// Nobody who is trusted has signed it.
    case unknownAuthority
    /// It is for other names, or addresses, than this.
    case otherName(String)
    /// It is refused for another reason, in OpenSSL's words.
    case unusableCertificate(String)

    // What is wrong with ours, as the server says.

    /// It wants one, and there is none.
    case certificateIsWanted
    /// It refuses it, for a reason in words.
    case certificateIsRefused(String)

    // What is wrong with the talk.

    /// The server speaks something else.
    case isNotSpoken
    /// The server hangs up at a first command without TLS: it may want it.
    case mayBeWanted
    /// The server does not answer the handshake.
    case isNotAnswered
    /// The connection ended in the handshake, for a reason in words.
    case endedInHandshake(String)
    /// The connection ended right behind the handshake, for a reason in words.
    case endedBehindHandshake(String)
    /// Anything else, in OpenSSL's words.
    case failed(String)

    // What is wrong with files and settings, which are named by their variables.

    /// A file that cannot be read.
    case unreadable(variable: String, path: String, errno: Int32)
    /// A file in which there is no certificate, or a bad one.
    case noCertificate(variable: String, path: String)
    /// A file in which there is no private key.
    case noKey(variable: String, path: String)
    /// A private key that wants a passphrase.
    case lockedKey(variable: String, path: String)
    /// A key that is another certificate's.
    case otherKey(certificatePath: String, keyPath: String)
    /// A setting that makes no sense without another one.
    case incomplete(set: String, missing: String)
    /// A name that no certificate can be for.
    case unusableName(variable: String)
    /// libssl cannot be used, for a reason in words.
    case noLibrary(String)

    /// One sentence, or a part of one.
    public var description: String {
        switch self {
        case .expired: "the server's certificate has expired (or one that signs it)"
        case .notYetValid: "the server's certificate is not valid yet (or one that signs it): is a clock wrong?"
        case .unknownAuthority:
            """
            the server's certificate is signed by nobody who is trusted here: REDIS_TLS_CA_FILE must hold its authority's, \
            where that is not the system's
            """
        case .otherName(let name):
            """
            the server's certificate is not for '\(name)': use a name in REDIS_URL that it is for, or put that into \
            REDIS_TLS_SERVER_NAME
            """
        case .unusableCertificate(let reason): "the server's certificate is refused: \(reason)"
        case .certificateIsWanted:
            "the server wants a client certificate: set REDIS_TLS_CERT_FILE and REDIS_TLS_KEY_FILE"
        case .certificateIsRefused(let reason):
            "the server refuses the client certificate (REDIS_TLS_CERT_FILE): \(reason)"
        case .isNotSpoken: "the server does not speak TLS at this address: use its TLS port, or redis:// without TLS"
        case .mayBeWanted:
            """
            the server ends connections at the first command without a word: does it want TLS (rediss://), or is it a \
            proxy without its Redis?
            """
        case .isNotAnswered:
            "the server does not answer the TLS handshake in time: is TLS spoken at this address (not redis://)?"
        case .endedInHandshake(let reason):
            "the server ended the TLS handshake (\(reason)): is TLS spoken at this address?"
        case .endedBehindHandshake(let reason):
            "the server ended the connection behind the TLS handshake (\(reason)): does it want a client certificate?"
        case .failed(let reason): "TLS failed: \(reason)"
        case .unreadable(let variable, let path, let errno):
            "\(variable) names '\(path)', which cannot be read: \(String(cString: strerror(errno)))"
        case .noCertificate(let variable, let path):
            "\(variable) names '\(path)', in which there is no good certificate in PEM"
        case .noKey(let variable, let path): "\(variable) names '\(path)', in which there is no private key in PEM"
        case .lockedKey(let variable, let path):
            "\(variable) names '\(path)', whose key wants a passphrase: use one without"
        case .otherKey(let certificate, let key):
            """
            the key in '\(key)' (REDIS_TLS_KEY_FILE) is not that of the certificate in '\(certificate)' \
            (REDIS_TLS_CERT_FILE)
            """
        case .incomplete(let set, let missing): "\(set) is set, and \(missing) is not: a certificate needs its key"
        case .unusableName(let variable): "\(variable) is no host name and no address"
        case .noLibrary(let reason): "OpenSSL's libssl cannot be used: \(reason)"
        }
    }
}

extension TLSFault {
    /// What is wrong with a server's certificate.
    /// - Parameters:
    ///   - result: what its verification came to (`X509_V_ERR_…`).
    ///   - name: what it should have been for.
    init(verification result: Int, of name: TLSName) {
        switch Int32(truncatingIfNeeded: result) {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        // A wrong signature is that of an authority who bears the name of one that is known.
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            self = .unknownAuthority
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .otherName(name.description)
        default: self = .unusableCertificate(String(cString: X509_verify_cert_error_string(result)))
        }
    }

    /// What a failure of OpenSSL means that is not about the server's certificate.
    /// - Parameters:
    ///   - reason: its number among libssl's (`SSL_R_…`); those of alerts that the server sends are 1000 and theirs.
    ///   - words: OpenSSL's.
    ///   - hasCertificate: whether there is one of ours.
    init(reason: Int32, words: String, hasCertificate: Bool) {
        switch reason {
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_RECORD_LENGTH_MISMATCH:
            self = .isNotSpoken
        case Self.alert(SSL_AD_CERTIFICATE_REQUIRED) where !hasCertificate: self = .certificateIsWanted
        case Self.alert(SSL3_AD_HANDSHAKE_FAILURE) where !hasCertificate:
            // TLS 1.2 has one alert for both.
            self = .failed("the server refuses the handshake: no cipher in common, or it wants a client certificate")
        case Self.alert(SSL_AD_BAD_CERTIFICATE), Self.alert(SSL_AD_UNSUPPORTED_CERTIFICATE):
            self = hasCertificate ? .certificateIsRefused("it is not fit for this") : .certificateIsWanted
        case Self.alert(SSL_AD_CERTIFICATE_REVOKED): self = .certificateIsRefused("it is revoked")
        case Self.alert(SSL_AD_CERTIFICATE_EXPIRED): self = .certificateIsRefused("it has expired")
        case Self.alert(SSL_AD_CERTIFICATE_UNKNOWN): self = .certificateIsRefused("for a reason that it does not say")
        case Self.alert(SSL_AD_UNKNOWN_CA): self = .certificateIsRefused("it does not know who has signed it")
        case Self.alert(SSL_AD_DECRYPT_ERROR): self = .certificateIsRefused("its signature does not fit")
        case Self.alert(SSL_AD_PROTOCOL_VERSION), SSL_R_UNSUPPORTED_PROTOCOL:
            self = .failed("the server speaks neither TLS 1.2 nor 1.3")
        default: self = .failed(words)
        }
    }

    /// What OpenSSL adds to an alert's number.
    private static func alert(_ number: Int32) -> Int32 { SSL_AD_REASON_OFFSET + number }
}
