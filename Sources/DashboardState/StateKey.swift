import Bytes

/// The Redis key of a state: `hyvve:dashboard:state:{userId}:{workspaceId}`.
///
/// Every byte of an id outside `A–Z a–z 0–9 - _ . @ | + = ~` is percent-encoded, the percent sign and the colon among
/// them, so no two identities share a key; and the braces, so no id decides which cluster slot a key falls into.
public enum StateKey {
    /// What keys start with unless it is configured otherwise.
    public static let defaultPrefix = "hyvve:dashboard:state:"

    /// Appends the key of `identity` to `target`.
    public static func append(_ identity: Identity, prefix: [UInt8], to target: inout [UInt8]) {
        target.append(contentsOf: prefix)
        identity.user.withUnsafeBytes { append($0, to: &target) }
        target.append(UInt8(ascii: ":"))
        identity.workspace.withUnsafeBytes { append($0, to: &target) }
    }

    private static func append(_ id: UnsafeRawBufferPointer, to target: inout [UInt8]) {
        var start = 0
        var end = 0
        while true {
            while end < id.count, isPlain(id[end]) { end += 1 }
            target.append(contentsOf: UnsafeRawBufferPointer(rebasing: id[start..<end]))
            guard end < id.count else { return }
            target.append(UInt8(ascii: "%"))
            target.append(Hex.uppercase(id[end] >> 4))
            target.append(Hex.uppercase(id[end] & 15))
            end += 1
            start = end
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "@"), UInt8(ascii: "|"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
