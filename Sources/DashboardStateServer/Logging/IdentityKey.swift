import COpenSSL

/// What the log's hashes of identities are made with. Who has it can try ids; nobody else learns more than which are the same.
struct IdentityKey: Equatable, Sendable {
    /// The fewest bytes of a file with a key: what is shorter could be guessed.
    static let shortest = 16
    /// Bytes of either key.
    static let size = 16

    let user: [UInt8]
    let workspace: [UInt8]

    /// Drawn at random: hashes are this process's own.
    init() {
        var random = SystemRandomNumberGenerator()
        func draw() -> [UInt8] {
            (0..<2).flatMap { _ in withUnsafeBytes(of: random.next() as UInt64) { [UInt8]($0) } }
        }
        (user, workspace) = (draw(), draw())
    }

    /// From a secret: whoever has the same one makes the same hashes.
    init(secret: [UInt8]) {
        let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { digest, count in
            let isDone = EVP_Q_digest(nil, "SHA256", nil, secret, secret.count, digest.baseAddress, &count)
            precondition(isDone == 1 && count == 2 * Self.size, "OpenSSL cannot compute a digest")
        }
        user = Array(digest[..<Self.size])
        workspace = Array(digest[Self.size...])
    }
}
