import COpenSSL
import Testing

@testable import RESP

struct TLSFaultTests {
    @Test(arguments: [
        (X509_V_ERR_CERT_HAS_EXPIRED, TLSFault.expired), (X509_V_ERR_CERT_NOT_YET_VALID, .notYetValid),
        (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, .unknownAuthority),
        (X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, .unknownAuthority),
        (X509_V_ERR_CERT_SIGNATURE_FAILURE, .unknownAuthority),
        (X509_V_ERR_HOSTNAME_MISMATCH, .otherName("redis.internal")),
        (X509_V_ERR_IP_ADDRESS_MISMATCH, .otherName("redis.internal")),
        (X509_V_ERR_CERT_REVOKED, .unusableCertificate("certificate revoked")),
    ])
    func aVerificationIsToldByWhatItCameTo(result: Int32, fault: TLSFault) throws {
        #expect(TLSFault(verification: Int(result), of: try #require(TLSName("redis.internal"))) == fault)
    }

    @Test func anAlertIsToldByWhoHasACertificate() {
        func fault(_ alert: Int32, _ hasCertificate: Bool) -> TLSFault {
            TLSFault(reason: SSL_AD_REASON_OFFSET + alert, words: "words", hasCertificate: hasCertificate)
        }
        #expect(fault(SSL_AD_CERTIFICATE_REQUIRED, false) == .certificateIsWanted)
        #expect(fault(SSL_AD_BAD_CERTIFICATE, false) == .certificateIsWanted)
        #expect(fault(SSL_AD_CERTIFICATE_EXPIRED, true) == .certificateIsRefused("it has expired"))
        #expect(fault(SSL_AD_UNKNOWN_CA, true) == .certificateIsRefused("it does not know who has signed it"))
        #expect(fault(SSL3_AD_HANDSHAKE_FAILURE, true) == .failed("words"))
        #expect(fault(SSL_AD_INTERNAL_ERROR, true) == .failed("words"))
    }

    @Test func whatIsNoTLSIsTold() {
        for reason in [SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST] {
            #expect(TLSFault(reason: reason, words: "", hasCertificate: false) == .isNotSpoken)
        }
        #expect("\(RESPError.tls(.isNotSpoken))".contains("does not speak TLS"))
    }
}
