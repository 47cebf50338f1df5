import COpenSSL
import Testing

@testable import RESP

struct TLSLibraryTests {
    /// The compiler compares the types that are said of what is loaded with those of OpenSSL's header.
    private static func linked() -> TLSLibrary {
        TLSLibrary(
            makeMethod: { TLS_client_method() },
            makeContext: { SSL_CTX_new($0) },
            freeContext: { SSL_CTX_free($0) },
            controlContext: { SSL_CTX_ctrl($0, $1, $2, $3) },
            setOptions: { SSL_CTX_set_options($0, $1) },
            setVerification: { SSL_CTX_set_verify($0, $1, $2) },
            loadAuthorities: { SSL_CTX_load_verify_file($0, $1) },
            useSystemAuthorities: { SSL_CTX_set_default_verify_paths($0) },
            useCertificateChain: { SSL_CTX_use_certificate_chain_file($0, $1) },
            useKey: { SSL_CTX_use_PrivateKey($0, $1) },
            checkKey: { SSL_CTX_check_private_key($0) },
            make: { SSL_new($0) },
            free: { SSL_free($0) },
            control: { SSL_ctrl($0, $1, $2, $3) },
            parameters: { SSL_get0_param($0) },
            setTransport: { SSL_set_bio($0, $1, $2) },
            becomeClient: { SSL_set_connect_state($0) },
            shakeHands: { SSL_do_handshake($0) },
            read: { SSL_read($0, $1, $2) },
            write: { SSL_write($0, $1, $2) },
            hasPending: { SSL_has_pending($0) },
            error: { SSL_get_error($0, $1) },
            verifyResult: { SSL_get_verify_result($0) },
            setSession: { SSL_set_session($0, $1) },
            getSession: { SSL_get1_session($0) },
            copySession: { SSL_SESSION_dup($0) },
            freeSession: { SSL_SESSION_free($0) },
            isResumable: { SSL_SESSION_is_resumable($0) },
            isResumed: { SSL_session_reused($0) }
        )
    }

    @Test func itIsThereAndDoesWhatTheHeaderSays() throws {
        for library in [try TLSLibrary.loaded.get(), Self.linked()] {
            let context = try #require(library.makeContext(library.makeMethod()))
            defer { library.freeContext(context) }
            #expect(library.controlContext(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil) == 1)
            let renegotiation = TLSMaterials.noRenegotiation
            #expect(library.setOptions(context, renegotiation) & renegotiation == renegotiation)
            let connection = try #require(library.make(context))
            defer { library.free(connection) }
            #expect(library.hasPending(connection) == 0 && library.isResumed(connection) == 0)
            #expect(library.parameters(connection) != nil)
        }
    }
}
