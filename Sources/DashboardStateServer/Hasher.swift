import Bytes
import COpenSSL

/// SHA-2 and SHA-1 by OpenSSL, which uses the processor's own instructions for them.
///
/// Not shared between threads: each loop has one.
final class Hasher {
    private let sha256 = EVP_MD_fetch(nil, "SHA256", nil)
    private let sha1 = EVP_MD_fetch(nil, "SHA1", nil)
    private let context = EVP_MD_CTX_new()

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(sha256)
        EVP_MD_free(sha1)
    }

    /// 64 lowercase hex digits.
    func sha256(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { hex(sha256, $0) } }

    /// 40 lowercase hex digits. Not for security: Redis names scripts by it, and scripts can compute it.
    func sha1(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { hex(sha1, $0) } }

    private func hex(_ algorithm: OpaquePointer?, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { digest in
            var length: UInt32 = 0
            let isDone =
                EVP_DigestInit_ex2(context, algorithm, nil) == 1
                && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                && EVP_DigestFinal_ex(context, digest.baseAddress, &length) == 1
            precondition(isDone, "OpenSSL cannot compute a digest")
            return [UInt8](unsafeUninitializedCapacity: 2 * Int(length)) { text, count in
                for index in 0..<Int(length) {
                    text[2 * index] = Hex.lowercase(digest[index] >> 4)
                    text[2 * index + 1] = Hex.lowercase(digest[index] & 15)
                }
                count = 2 * Int(length)
            }
        }
    }
}

/// A secret that requests are compared with in constant time, whatever their length.
struct Secret: Sendable {
    private let digest: [UInt8]

    init(_ secret: [UInt8]) { digest = Hasher().sha256(secret.span.bytes) }

    func matches(_ candidate: RawSpan?, _ hasher: Hasher) -> Bool {
        guard let candidate else { return false }
        let other = hasher.sha256(candidate)
        return CRYPTO_memcmp(digest, other, digest.count) == 0
    }
}
