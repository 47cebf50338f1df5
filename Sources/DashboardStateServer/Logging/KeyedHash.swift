import COpenSSL

/// Keyed hashes of short texts by OpenSSL: SipHash (Aumasson and Bernstein, 2012), or HMAC of SHA-256 where OpenSSL may only
/// use what NIST has approved.
///
/// Not shared between threads: each loop has one.
final class KeyedHash {
    private let context: OpaquePointer

    /// - Parameter algorithms: by their names of OpenSSL; the first that it has.
    init(_ algorithms: [String] = ["SIPHASH", "HMAC"]) {
        let algorithm = algorithms.lazy.compactMap { EVP_MAC_fetch(nil, $0, nil) }.first
        guard let algorithm, let context = EVP_MAC_CTX_new(algorithm) else {
            preconditionFailure("OpenSSL has no keyed hash")
        }
        EVP_MAC_free(algorithm)
        self.context = context
        // SipHash does not ask for it.
        var digest = Array("SHA256".utf8CString)
        let isDone = digest.withUnsafeMutableBufferPointer { name in
            let params = [OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0), OSSL_PARAM_construct_end()]
            return EVP_MAC_CTX_set_params(context, params)
        }
        precondition(isDone == 1, "OpenSSL cannot compute a keyed hash")
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// The first 48 bits of the hash.
    /// - Parameter key: of 16 bytes.
    func callAsFunction(_ text: RawSpan, key: [UInt8]) -> UInt64 {
        text.withUnsafeBytes { text in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { hash in
                var length = 0
                let bytes = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
                let isDone =
                    EVP_MAC_init(context, key, key.count, nil) == 1
                    && EVP_MAC_update(context, bytes, text.count) == 1
                    && EVP_MAC_final(context, hash.baseAddress, &length, hash.count) == 1
                precondition(isDone && length >= 8, "OpenSSL cannot compute a keyed hash")
                return hash[..<6].reduce(0) { $0 << 8 | UInt64($1) }
            }
        }
    }
}
