import Bytes
import DashboardState
import Glibc
import Metrics

/// What the log calls users and workspaces: hashes, which group lines but do not tell of whom they are. Those of many
/// identities are remembered, in a table of fixed size in which a new one takes an old one's place.
///
/// Not shared between threads: each loop has one.
final class IdentityNames {
    /// The hashes of a user and of a workspace, 48 bits each.
    struct Names: Hashable, Sendable {
        var user: UInt64
        var workspace: UInt64

        /// Digits of either.
        static var digits: Int { 12 }

        /// Twelve hex digits.
        static func hex(_ hash: UInt64) -> String {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LinePieces.roomForName) { digits in
                guard let start = digits.baseAddress else { return "" }
                var pieces = LinePieces(at: UnsafeMutableRawPointer(start))
                pieces.put(name: hash)
                return String(decoding: digits[..<Self.digits], as: UTF8.self)
            }
        }
    }

    private struct Place {
        /// Of the identity whose names these are, by a hash that only this table has; 0 where there are none.
        var tag: UInt64
        var names: Names
    }

    /// A power of two. They take 96 KiB, as far as they are used.
    private static let places: UInt64 = 4096

    private let key: IdentityKey
    /// Made when it is needed: to find it among OpenSSL's takes as long as many requests.
    private lazy var keyedHash = KeyedHash()
    private let tag = IdentityHash()
    private let table: UnsafeMutablePointer<Place>

    init(_ key: IdentityKey) {
        self.key = key
        // Memory of zeros that the system gives only once it is used.
        guard let memory = calloc(Int(Self.places), MemoryLayout<Place>.stride) else { fatalError("out of memory") }
        table = memory.bindMemory(to: Place.self, capacity: Int(Self.places))
    }

    deinit { free(table) }

    func callAsFunction(_ identity: Identity) -> Names {
        let tag = max(tag(identity.user, identity.workspace), 1)
        let index = Int(truncatingIfNeeded: tag & (Self.places - 1))
        guard table[index].tag != tag else { return table[index].names }
        let names = Names(
            user: keyedHash(identity.user, key: key.user),
            workspace: keyedHash(identity.workspace, key: key.workspace)
        )
        table[index] = Place(tag: tag, names: names)
        return names
    }
}
