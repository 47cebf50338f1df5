/// Whose state it is, as the web server forwards it: bytes that were checked, and nothing else can become a key.
public struct Identity {
    /// Longest user or workspace id, in bytes.
    public static let longestID = 256

    let user: UnsafeRawBufferPointer
    let workspace: UnsafeRawBufferPointer

    /// Why there is no identity.
    public enum Failure: Error, Equatable, Sendable {
        /// The web server forwarded no user, or an empty one.
        case noUser
        /// The user id is longer than 256 bytes, not UTF-8, or holds control characters.
        case unusableUser
        /// The web server forwarded no workspace, or an empty one.
        case noWorkspace
        /// The workspace id is longer than 256 bytes, not UTF-8, or holds control characters.
        case unusableWorkspace
    }

    /// Checks what was forwarded. The bytes are referred to, not copied: the identity is valid as long as they are.
    public init(user: UnsafeRawBufferPointer?, workspace: UnsafeRawBufferPointer?) throws(Failure) {
        guard let user, !user.isEmpty else { throw .noUser }
        guard Self.isUsable(user) else { throw .unusableUser }
        guard let workspace, !workspace.isEmpty else { throw .noWorkspace }
        guard Self.isUsable(workspace) else { throw .unusableWorkspace }
        self.user = user
        self.workspace = workspace
    }

    /// 1 to 256 bytes of UTF-8 without control characters (general category Cc).
    static func isUsable(_ id: UnsafeRawBufferPointer) -> Bool {
        guard (1...longestID).contains(id.count) else { return false }
        if id.allSatisfy({ (0x20...0x7E).contains($0) }) { return true }
        guard let text = String(validating: id, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
