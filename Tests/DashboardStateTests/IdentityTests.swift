import SwiftSupport
import Testing

@testable import DashboardState

/// Whether an identity is the one that a client names.
struct IdentityTests {
    private func matches(_ id: String, _ name: String) throws -> [Bool] {
        try id.utf8.withSpan { id in
            try "other".utf8.withSpan { other in
                try name.utf8.withSpan { name in
                    [
                        try Identity(user: id, workspace: other).isUser(percentEncoded: name),
                        try Identity(user: other, workspace: id).isWorkspace(percentEncoded: name),
                    ]
                }
            }
        }
    }

    @Test(
        arguments: [
            ("alice", "alice"), ("alice", "%61lic%65"), ("a@b.org", "a%40b.org"), ("ü", "%C3%BC"), ("ü", "%c3%bc"),
            ("100%", "100%25"), ("a b", "a%20b"), ("a:b/c", "a%3Ab%2Fc"),
        ]
    )
    func theSame(id: String, name: String) throws { #expect(try matches(id, name) == [true, true]) }

    @Test(
        arguments: [
            ("alice", "Alice"), ("alice", "alic"), ("alice", "alicee"), ("alice", ""), ("alice", "alice%"),
            ("alice", "alic%6"), ("alice", "alic%65%"), ("alice", "alic%6G"), ("alice", "alic%g5"), ("alice", "%"),
            ("100%", "100%"), ("alice", "other"), ("alice", "alic%66"),
        ]
    )
    func another(id: String, name: String) throws { #expect(try matches(id, name) == [false, false]) }
}
