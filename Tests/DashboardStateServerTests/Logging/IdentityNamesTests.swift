import Bytes
import DashboardState
import Testing

@testable import DashboardStateServer

/// What the log calls users and workspaces.
struct IdentityNamesTests {
    private func names(_ names: IdentityNames, _ user: String, _ workspace: String) throws -> IdentityNames.Names {
        let (user, workspace) = (Array(user.utf8), Array(workspace.utf8))
        return names(try Identity(user: user.span.bytes, workspace: workspace.span.bytes))
    }

    @Test func theSameHaveTheSameNameAndOthersAnother() throws {
        let table = IdentityNames(IdentityKey())
        let alice = try names(table, "alice", "main")
        #expect(try names(table, "alice", "main") == alice)
        #expect(try names(table, "alice", "other").user == alice.user)
        #expect(try names(table, "bob", "main").workspace == alice.workspace)
        #expect(try names(table, "bob", "main").user != alice.user)
        // Who is called like a workspace is not told to be.
        let both = try names(table, "same", "same")
        #expect(both.user != both.workspace)
    }

    @Test func theyAreRememberedRightlyHoweverManyThereAre() throws {
        let key = IdentityKey()
        let (table, other) = (IdentityNames(key), IdentityNames(key))
        let all = try (0..<20_000).map { try names(table, "user-\($0)", "main") }
        #expect(Set(all).count == all.count)
        for number in stride(from: 0, to: all.count, by: 7) {
            #expect(try names(other, "user-\(number)", "main") == all[number])
            #expect(try names(table, "user-\(number)", "main") == all[number])
        }
    }

    @Test func aSharedSecretMakesThemTheSameElsewhere() throws {
        func name(_ key: IdentityKey) throws -> IdentityNames.Names { try names(IdentityNames(key), "alice", "main") }
        let secret = Array("0123456789abcdef".utf8)
        #expect(try name(IdentityKey(secret: secret)) == name(IdentityKey(secret: secret)))
        #expect(try name(IdentityKey(secret: secret)) != name(IdentityKey(secret: secret + [0])))
        #expect(try name(IdentityKey()) != name(IdentityKey()))
    }

    /// Their first six bytes, as `openssl mac` and Python's hmac have them.
    @Test func hashesAreTheAlgorithms() {
        let key = (0..<16).map { UInt8($0) }
        let text = (0..<15).map { UInt8($0) }
        #expect(KeyedHash()(text.span.bytes, key: key) == 0x5493_E999_33B0)
        #expect(KeyedHash(["HMAC"])(text.span.bytes, key: key) == 0x27B7_3409_C53B)
    }

    @Test func digitsAreThoseOfTheHash() {
        for (hash, digits) in [(0, "000000000000"), (0xFEDC_BA98_7654, "fedcba987654"), (0x0A9F, "000000000a9f")] {
            #expect(IdentityNames.Names.hex(UInt64(hash)) == digits)
        }
    }
}
