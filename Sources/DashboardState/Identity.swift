import Bytes

/// Whose state it is, as the web server forwards it: bytes that were checked, and nothing else can become a key. A view on
/// what was forwarded.
public struct Identity: ~Escapable {
    /// Longest user or workspace id, in bytes.
    public static let longestID = 256

    /// The user's id.
    public let user: RawSpan
    /// The workspace's.
    public let workspace: RawSpan

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

    /// Checks what was forwarded.
    @_lifetime(copy user, copy workspace)
    public init(user: RawSpan?, workspace: RawSpan?) throws(Failure) {
        guard let user, !user.isEmpty else { throw .noUser }
        guard Self.isUsable(user) else { throw .unusableUser }
        guard let workspace, !workspace.isEmpty else { throw .noWorkspace }
        guard Self.isUsable(workspace) else { throw .unusableWorkspace }
        self.user = user
        self.workspace = workspace
    }

    /// Whether the user is the one that a client names, percent-encoded as by ECMAScript's `encodeURIComponent`: a field
    /// of a request carries no other characters safely.
    public func isUser(percentEncoded name: RawSpan) -> Bool { Self.matches(user, name) }

    /// Whether the workspace is the one that a client names, likewise.
    public func isWorkspace(percentEncoded name: RawSpan) -> Bool { Self.matches(workspace, name) }

    private static func matches(_ id: RawSpan, _ name: RawSpan) -> Bool {
        id.withUnsafeBytes { id in name.withUnsafeBytes { matches(id, $0) } }
    }

    private static func matches(_ id: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer) -> Bool {
        var rest = name[...]
        for byte in id {
            guard let first = rest.popFirst() else { return false }
            guard first == UInt8(ascii: "%") else {
                if first == byte { continue }
                return false
            }
            guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value),
                high << 4 | low == byte
            else { return false }
        }
        return rest.isEmpty
    }

    /// 1 to 256 bytes of UTF-8 without control characters (general category Cc).
    static func isUsable(_ id: RawSpan) -> Bool { id.withUnsafeBytes(isUsable) }

    private static func isUsable(_ id: UnsafeRawBufferPointer) -> Bool {
        guard (1...longestID).contains(id.count) else { return false }
        if id.allSatisfy({ (0x20...0x7E).contains($0) }) { return true }
        guard let text = String(validating: id, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
