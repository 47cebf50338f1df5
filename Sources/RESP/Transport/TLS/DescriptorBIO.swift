import CLinux
import COpenSSL
import Glibc

/// A socket as OpenSSL reads and writes it. Its own way of doing so would raise SIGPIPE, and lose why a call failed.
final class DescriptorBIO {
    private let descriptor: Int32
    /// Why the last call failed; 0 where it did not.
    private(set) var failure: Int32 = 0
    /// The peer has finished.
    private(set) var isAtEnd = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Makes what OpenSSL knows it by; whoever is given it frees it, before this.
    func make() -> OpaquePointer? {
        guard let bio = BIO_new(Self.method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    /// Unsafe only to the compiler: it is made once, under the lock of static values, and never changed after that.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        let method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "descriptor")
        BIO_meth_set_read(method) { bio, buffer, count in DescriptorBIO.of(bio).read(bio, buffer, count) }
        BIO_meth_set_write(method) { bio, buffer, count in DescriptorBIO.of(bio).write(bio, buffer, count) }
        // Flushing is the one request that has to be granted. An end is not told of by this way: libssl would hold a
        // session that ended without a close_notify for broken, and not resume it.
        BIO_meth_set_ctrl(method) { _, request, _, _ in request == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    private static func of(_ bio: OpaquePointer?) -> DescriptorBIO {
        // It is set before anybody else gets the BIO.
        Unmanaged<DescriptorBIO>.fromOpaque(BIO_get_data(bio)!).takeUnretainedValue()
    }

    private func read(_ bio: OpaquePointer?, _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int32) -> Int32 {
        let received = recv(descriptor, buffer, Int(count), Int32(MSG_DONTWAIT))
        if received == 0 { isAtEnd = true }
        return finish(bio, received, BIO_FLAGS_READ)
    }

    private func write(_ bio: OpaquePointer?, _ buffer: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
        finish(bio, send(descriptor, buffer, Int(count), Int32(MSG_DONTWAIT | MSG_NOSIGNAL)), BIO_FLAGS_WRITE)
    }

    private func finish(_ bio: OpaquePointer?, _ result: Int, _ direction: Int32) -> Int32 {
        let code = errno
        BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        if result < 0 {
            let mayGoOn = code == EAGAIN || code == EINTR
            if mayGoOn { BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY) } else { failure = code }
        }
        return Int32(result)
    }
}
