import SwiftSupport
import Testing

@testable import DashboardState

struct StateKeyTests {
    @Test func plainIdsMakeThePlainKey() throws {
        #expect(try key("alice@example.org", "team-1") == "hyvve:dashboard:state:alice@example.org:team-1")
        #expect(try key("auth0|x+y=~z_.", "w") == "hyvve:dashboard:state:auth0|x+y=~z_.:w")
    }

    @Test func everythingElseIsEncoded() throws {
        #expect(try key("a:b", "c") == "hyvve:dashboard:state:a%3Ab:c")
        #expect(try key("a", "b:c") == "hyvve:dashboard:state:a:b%3Ac")
        #expect(try key("{x}", "100% ü*") == "hyvve:dashboard:state:%7Bx%7D:100%25%20%C3%BC%2A")
    }

    @Test func absentAndHostileIdsAreRefused() {
        #expect(throws: Identity.Failure.noUser) { try key(nil, "w") }
        #expect(throws: Identity.Failure.noUser) { try key("", "w") }
        #expect(throws: Identity.Failure.noWorkspace) { try key("u", nil) }
        for id in ["a\nb", "a\u{7F}", "a\u{85}b", String(repeating: "x", count: 257), "\u{1}"] {
            #expect(throws: Identity.Failure.unusableUser) { try key(id, "w") }
            #expect(throws: Identity.Failure.unusableWorkspace) { try key("u", id) }
        }
        let notUTF8: [UInt8] = [0x61, 0xFF]
        let isUsable = notUTF8.withSpan { Identity.isUsable($0) }
        #expect(!isUsable)
        #expect(throws: Never.self) { try key(String(repeating: "x", count: 256), "é") }
    }

    @Test func aUserIsKnownByThePercentEncodedName() throws {
        func isUser(_ user: String, _ name: String) throws -> Bool {
            try Array(user.utf8).withSpan { user in
                let identity = try Identity(user: user, workspace: user)
                return Array(name.utf8).withSpan { identity.isUser(percentEncoded: $0) }
            }
        }
        for (user, name) in [
            ("alice", "alice"), ("alice", "%61%6C%69%63e"), ("a%b", "a%25b"), ("Zoë@x", "Zo%C3%AB%40x"),
            ("Zoë@x", "Zoë@x"),
        ] {
            let isKnown = try isUser(user, name)
            #expect(isKnown)
        }
        for name in ["", "alic", "alicee", "Alice", "%", "%6", "%6Glice", "alice%", "alice%00", "%E1lice"] {
            let isKnown = try isUser("alice", name)
            #expect(!isKnown)
        }
    }

    /// Ids of the characters that could matter, many of them close to each other: no two pairs share a key, a key can
    /// be taken apart again, and no id makes a hash tag.
    @Test func noTwoIdentitiesShareAKey() throws {
        var random = SeededGenerator(seed: 2)
        let alphabet = Array(":%{}aA0-3*ü?[]\\ \"'/")
        var seen: [String: [String]] = [:]
        for _ in 0..<50_000 {
            let ids = (0..<2).map { _ in
                String((0..<Int.random(in: 1...4, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
            }
            let key = try key(ids[0], ids[1])
            #expect(seen.updateValue(ids, forKey: key) ?? ids == ids)
            #expect(key.filter { $0 == ":" }.count == 4)
            #expect(!key.contains("{") && !key.contains("}"))
        }
    }

    private func key(_ user: String?, _ workspace: String?) throws -> String {
        var key: [UInt8] = []
        func bytes(_ text: String?, _ body: (RawSpan?) throws -> Void) rethrows {
            guard let text else { return try body(nil) }
            try Array(text.utf8).withSpan { try body($0) }
        }
        try bytes(user) { user in
            try bytes(workspace) { workspace in
                let identity = try Identity(user: user, workspace: workspace)
                StateKey.append(identity, prefix: Array(StateKey.defaultPrefix.utf8), to: &key)
            }
        }
        return String(decoding: key, as: UTF8.self)
    }
}
