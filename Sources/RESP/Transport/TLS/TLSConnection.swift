import COpenSSL
import Glibc

/// TLS over a socket: a handshake, and then reads and writes, none of which waits.
///
/// Nobody is told that the end has come (`close_notify`): a connection that is given up takes its unsent bytes with it, and
/// the server ends commands that are not whole by itself.
final class TLSConnection {
    /// Where the handshake is.
    enum Step {
        case waiting
        case done
        case failed(RESPError)
    }

    /// Whether the handshake was begun, which is once the socket has connected.
    private(set) var hasBegun = false
    /// Bytes were decrypted, so that the server has taken us for who we are.
    private(set) var hasRead = false
    /// What has failed; meaningful once something has.
    private(set) var failure = RESPError.tls(.failed("for no reason that is known"))

    private let materials: TLSMaterials
    private let name: TLSName
    private let library: TLSLibrary
    private let ssl: OpaquePointer
    private let transport: DescriptorBIO
    private let block = WriteBlock()
    // At first the socket is awaited.
    private var readingWaitsForRoom = false
    private var writingWaitsForRoom = true
    /// What ended the writing.
    private var writingEnd: Socket.Transfer?

    /// Makes one that is to be begun.
    /// - Parameter session: resumed, where the server still knows it.
    init(
        over descriptor: Int32,
        with materials: TLSMaterials,
        to name: TLSName,
        resuming session: TLSSession?
    ) throws(RESPError) {
        self.materials = materials
        self.name = name
        library = materials.library
        transport = DescriptorBIO(descriptor)
        guard let ssl = library.make(materials.context) else { throw .tls(.failed(TLSMaterials.words())) }
        self.ssl = ssl
        guard let bio = transport.make() else { throw .tls(.failed(TLSMaterials.words())) }
        library.setTransport(ssl, bio, bio)
        library.becomeClient(ssl)
        guard expect(name) else { throw .tls(.failed(TLSMaterials.words())) }
        if let session { _ = library.setSession(ssl, session.pointer) }
    }

    deinit { library.free(ssl) }

    /// Asks for a certificate of this name, and takes no other one.
    private func expect(_ name: TLSName) -> Bool {
        let parameters = library.parameters(ssl)
        switch name {
        case .address(let text): return X509_VERIFY_PARAM_set1_ip_asc(parameters, text) == 1
        case .host(let text):
            X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            // An empty name would be none that is checked.
            return !text.isEmpty && X509_VERIFY_PARAM_set1_host(parameters, text, 0) == 1
                && text.withCString { name in
                    let pointer = UnsafeMutableRawPointer(mutating: name)
                    let kind = Int(TLSEXT_NAMETYPE_host_name)
                    return library.control(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, kind, pointer) == 1
                }
        }
    }

    /// Whether it goes on when the socket takes bytes, and not only when some come.
    var waitsForRoom: Bool { readingWaitsForRoom || writingWaitsForRoom }

    /// Whether there are bytes that came and were not read: no event will tell of them.
    var hasPending: Bool { library.hasPending(ssl) == 1 }

    /// Whether bytes that count as sent are still here.
    var isHolding: Bool { !block.bytes.isEmpty }

    // MARK: The handshake

    /// Goes on with the handshake as far as it can.
    func shakeHands() -> Step {
        hasBegun = true
        ERR_clear_error()
        let result = library.shakeHands(ssl)
        guard result != 1 else {
            writingWaitsForRoom = false
            return .done
        }
        switch library.error(ssl, result) {
        case SSL_ERROR_WANT_READ: writingWaitsForRoom = false
        case SSL_ERROR_WANT_WRITE: writingWaitsForRoom = true
        case SSL_ERROR_SSL: return .failed(.tls(fault()))
        default: return .failed(.tls(.endedInHandshake(end)))
        }
        return .waiting
    }

    /// Whether a session was resumed.
    var isResumed: Bool { library.isResumed(ssl) == 1 }

    /// What a later connection can resume; `nil` where there is nothing yet.
    func makeSession() -> TLSSession? {
        // A copy, as the original counts as broken when its connection does.
        guard let original = library.getSession(ssl) else { return nil }
        defer { library.freeSession(original) }
        guard library.isResumable(original) == 1, let copy = library.copySession(original) else { return nil }
        return TLSSession(copy, of: materials)
    }

    // MARK: Bytes

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Transfer {
        ERR_clear_error()
        let count = library.read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
        readingWaitsForRoom = false
        guard count <= 0 else {
            hasRead = true
            return .moved(Int(count))
        }
        switch library.error(ssl, count) {
        case SSL_ERROR_WANT_READ: return .wouldBlock
        case SSL_ERROR_WANT_WRITE:
            readingWaitsForRoom = true
            return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .closed(Socket.closedByPeer)
        case SSL_ERROR_SSL: return fail()
        default: return .closed(end)
        }
    }

    /// Takes bytes to be sent. They are gone, to whoever asks, as soon as OpenSSL has seen some of them; what it has not
    /// taken is held, and goes ahead of others with the next call, which may bring none.
    func send(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Socket.Transfer {
        if isHolding {
            let outcome = push()
            guard case .moved = outcome else { return outcome }
        }
        let count = block.gather(vectors)
        if count > 0 { _ = push() }
        return .moved(count)
    }

    private func push() -> Socket.Transfer {
        if let writingEnd { return writingEnd }
        ERR_clear_error()
        let bytes = block.bytes
        let count = library.write(ssl, bytes.baseAddress, Int32(bytes.count))
        writingWaitsForRoom = false
        guard count <= 0 else {
            block.isTaken()
            return .moved(Int(count))
        }
        let outcome: Socket.Transfer
        switch library.error(ssl, count) {
        case SSL_ERROR_WANT_READ: return .wouldBlock
        case SSL_ERROR_WANT_WRITE:
            writingWaitsForRoom = true
            return .wouldBlock
        case SSL_ERROR_SSL: outcome = fail()
        default: outcome = .closed(end)
        }
        writingEnd = outcome
        return outcome
    }

    // MARK: Failing

    /// Why the socket is of no use any more.
    private var end: String {
        if transport.failure != 0 { return Socket.message(transport.failure) }
        return transport.isAtEnd ? "\(Socket.closedByPeer), without a farewell (close_notify)" : Socket.closedByPeer
    }

    private func fail() -> Socket.Transfer {
        failure = .tls(fault())
        return .failed
    }

    private func fault() -> TLSFault {
        let code = ERR_peek_last_error()
        // Each of OpenSSL's libraries has numbers of its own.
        guard ERR_GET_LIB(code) == ERR_LIB_SSL else { return .failed(TLSMaterials.words()) }
        let reason = ERR_GET_REASON(code)
        if reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            return TLSFault(verification: library.verifyResult(ssl), of: name)
        }
        return TLSFault(reason: reason, words: TLSMaterials.words(), hasCertificate: materials.hasCertificate)
    }
}
