import Bytes

/// Where a large document lies for the moment between arriving in Redis and being decided on:
/// `hyvve:dashboard:state:staging:{hyvve:dashboard:state:user:workspace}:<tag>`.
///
/// A document that a script takes as an argument passes through Lua, which costs Redis more than all the rest of a save.
/// So a large one is stored first under a key of its own, and the script renames that key or deletes it. The braces
/// make both keys fall into one slot of a cluster (Redis Cluster Specification, "Hash tags"). The key starts with the
/// prefix of the states' keys, so that an access rule that lets a worker have those lets it have this one. No state has
/// such a key: in ids, braces are percent-encoded, and there is one colon between them.
public enum StagingKey {
    /// How long a document may lie there, in milliseconds. It is needed for as long as the next command takes to run;
    /// what a worker leaves behind that dies in between is gone after this.
    public static let millisecondsToLive = 60_000

    /// Appends the staging key of a save.
    /// - Parameters:
    ///   - stateKey: the key of the state, which starts with `prefix`.
    ///   - tag: the entity tag of the save, which makes the key unique.
    /// - Returns: false where no key is known to fall into the state's slot, since the prefix holds braces but no hash
    ///   tag; nothing is appended then.
    public static func append(
        _ stateKey: [UInt8],
        prefix: [UInt8],
        tag: EntityTag,
        to target: inout [UInt8]
    ) -> Bool {
        let hasBraces = prefix.contains(UInt8(ascii: "{")) || prefix.contains(UInt8(ascii: "}"))
        if !hasBraces {
            target.append(contentsOf: prefix)
            target.append("staging:{")
            target.append(contentsOf: stateKey)
            target.append("}")
        } else if hasHashTag(prefix) {
            target.append(contentsOf: stateKey)
            target.append(":staging")
        } else {
            return false
        }
        target.append(":")
        tag.append(to: &target)
        return true
    }

    /// Whether a key that starts like this falls into a slot by what stands in its first pair of braces.
    private static func hasHashTag(_ prefix: [UInt8]) -> Bool {
        guard let start = prefix.firstIndex(of: UInt8(ascii: "{")) else { return false }
        guard let end = prefix[start...].firstIndex(of: UInt8(ascii: "}")) else { return false }
        return end > start + 1
    }
}
