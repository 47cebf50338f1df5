import COpenSSL
import Glibc

/// The functions of OpenSSL's libssl, which is loaded when the first TLS connection is to be made.
///
/// Linked, the system's loader would bind its 700 functions at every start: 6 % of all that a CGI program takes, which may
/// want no TLS. What libcrypto has is linked, since digests come from there.
struct TLSLibrary: Sendable {
    let makeMethod: @convention(c) @Sendable () -> OpaquePointer?
    let makeContext: @convention(c) @Sendable (_ method: OpaquePointer?) -> OpaquePointer?
    let freeContext: @convention(c) @Sendable (OpaquePointer?) -> Void
    let controlContext: @convention(c) @Sendable (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int
    let setOptions: @convention(c) @Sendable (OpaquePointer?, UInt64) -> UInt64
    let setVerification: @convention(c) @Sendable (OpaquePointer?, Int32, SSL_verify_cb?) -> Void
    let loadAuthorities: @convention(c) @Sendable (OpaquePointer?, UnsafePointer<CChar>?) -> Int32
    let useSystemAuthorities: @convention(c) @Sendable (OpaquePointer?) -> Int32
    let useCertificateChain: @convention(c) @Sendable (OpaquePointer?, UnsafePointer<CChar>?) -> Int32
    let useKey: @convention(c) @Sendable (OpaquePointer?, OpaquePointer?) -> Int32
    let checkKey: @convention(c) @Sendable (OpaquePointer?) -> Int32
    let make: @convention(c) @Sendable (_ context: OpaquePointer?) -> OpaquePointer?
    let free: @convention(c) @Sendable (OpaquePointer?) -> Void
    let control: @convention(c) @Sendable (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int
    let parameters: @convention(c) @Sendable (OpaquePointer?) -> OpaquePointer?
    let setTransport: @convention(c) @Sendable (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Void
    let becomeClient: @convention(c) @Sendable (OpaquePointer?) -> Void
    let shakeHands: @convention(c) @Sendable (OpaquePointer?) -> Int32
    let read: @convention(c) @Sendable (OpaquePointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    let write: @convention(c) @Sendable (OpaquePointer?, UnsafeRawPointer?, Int32) -> Int32
    let hasPending: @convention(c) @Sendable (OpaquePointer?) -> Int32
    let error: @convention(c) @Sendable (OpaquePointer?, Int32) -> Int32
    let verifyResult: @convention(c) @Sendable (OpaquePointer?) -> Int
    let setSession: @convention(c) @Sendable (OpaquePointer?, OpaquePointer?) -> Int32
    let getSession: @convention(c) @Sendable (OpaquePointer?) -> OpaquePointer?
    let copySession: @convention(c) @Sendable (OpaquePointer?) -> OpaquePointer?
    let freeSession: @convention(c) @Sendable (OpaquePointer?) -> Void
    let isResumable: @convention(c) @Sendable (OpaquePointer?) -> Int32
    let isResumed: @convention(c) @Sendable (OpaquePointer?) -> Int32
}

extension TLSLibrary {
    /// The library, or why there is none.
    static let loaded = Result { () throws(RESPError) in try TLSLibrary() }

    private init() throws(RESPError) {
        // The version that the headers are of, which libcrypto is linked in.
        guard let handle = dlopen("libssl.so.\(OPENSSL_SHLIB_VERSION)", RTLD_NOW | RTLD_LOCAL) else {
            throw Self.failure
        }
        makeMethod = try Self.function("TLS_client_method", handle)
        makeContext = try Self.function("SSL_CTX_new", handle)
        freeContext = try Self.function("SSL_CTX_free", handle)
        controlContext = try Self.function("SSL_CTX_ctrl", handle)
        setOptions = try Self.function("SSL_CTX_set_options", handle)
        setVerification = try Self.function("SSL_CTX_set_verify", handle)
        loadAuthorities = try Self.function("SSL_CTX_load_verify_file", handle)
        useSystemAuthorities = try Self.function("SSL_CTX_set_default_verify_paths", handle)
        useCertificateChain = try Self.function("SSL_CTX_use_certificate_chain_file", handle)
        useKey = try Self.function("SSL_CTX_use_PrivateKey", handle)
        checkKey = try Self.function("SSL_CTX_check_private_key", handle)
        make = try Self.function("SSL_new", handle)
        free = try Self.function("SSL_free", handle)
        control = try Self.function("SSL_ctrl", handle)
        parameters = try Self.function("SSL_get0_param", handle)
        setTransport = try Self.function("SSL_set_bio", handle)
        becomeClient = try Self.function("SSL_set_connect_state", handle)
        shakeHands = try Self.function("SSL_do_handshake", handle)
        read = try Self.function("SSL_read", handle)
        write = try Self.function("SSL_write", handle)
        hasPending = try Self.function("SSL_has_pending", handle)
        error = try Self.function("SSL_get_error", handle)
        verifyResult = try Self.function("SSL_get_verify_result", handle)
        setSession = try Self.function("SSL_set_session", handle)
        getSession = try Self.function("SSL_get1_session", handle)
        copySession = try Self.function("SSL_SESSION_dup", handle)
        freeSession = try Self.function("SSL_SESSION_free", handle)
        isResumable = try Self.function("SSL_SESSION_is_resumable", handle)
        isResumed = try Self.function("SSL_session_reused", handle)
    }

    private static func function<Function>(
        _ name: String,
        _ handle: UnsafeMutableRawPointer
    ) throws(RESPError) -> Function {
        guard let symbol = dlsym(handle, name) else { throw failure }
        // The types above are compared with the header's by a test.
        return unsafeBitCast(symbol, to: Function.self)
    }

    private static var failure: RESPError { .tls(.noLibrary(dlerror().map { String(cString: $0) } ?? "libssl")) }
}
