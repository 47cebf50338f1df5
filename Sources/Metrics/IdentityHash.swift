/// A hash of an identity under a key that only this process has: it tells identities apart, and nothing of them.
///
/// Not for secrets: multiplications and exclusive-ors, as in wyhash, since each request takes one.
public struct IdentityHash: Sendable {
    private let key: UInt64

    /// A key, drawn at random.
    public init() {
        var random = SystemRandomNumberGenerator()
        self.init(key: random.next())
    }

    init(key: UInt64) { self.key = key }

    /// The hash of a user in a workspace.
    public func callAsFunction(_ user: RawSpan, _ workspace: RawSpan) -> UInt64 {
        // The lengths tell where one ends and the other begins.
        let lengths = UInt64(truncatingIfNeeded: user.byteCount) << 32 | UInt64(truncatingIfNeeded: workspace.byteCount)
        return mix(workspace, mix(user, key ^ lengths))
    }

    @inline(__always)
    private func mix(_ bytes: RawSpan, _ seed: UInt64) -> UInt64 {
        var hash = seed
        var at = 0
        let count = bytes.byteCount
        while at &+ 8 <= count {
            hash = mix(hash ^ bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self))
            at &+= 8
        }
        return at < count ? mix(hash ^ Self.rest(bytes, at, count &- at)) : hash
    }

    /// One to seven bytes.
    @inline(__always)
    private static func rest(_ bytes: RawSpan, _ at: Int, _ left: Int) -> UInt64 {
        func byte(_ offset: Int) -> UInt64 {
            UInt64(bytes.unsafeLoad(fromUncheckedByteOffset: at &+ offset, as: UInt8.self))
        }
        guard left >= 4 else { return byte(0) | byte(left &>> 1) &<< 8 | byte(left &- 1) &<< 16 }
        func four(_ offset: Int) -> UInt64 {
            UInt64(bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at &+ offset, as: UInt32.self))
        }
        return four(0) | four(left &- 4) &<< 32
    }

    /// Odd, and with as many bits set as not (wyhash's first secret).
    private static var factor: UInt64 { 0xA076_1D64_78BD_642F }

    @inline(__always)
    private func mix(_ one: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: Self.factor)
        return product.high ^ product.low
    }
}
