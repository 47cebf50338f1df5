import DashboardState
import RESP

/// Commands that tell whether the user may call what the service calls, and change nothing: keys that nobody has, as they are
/// drawn at random, a script that nobody knows, and the two that are loaded anyway.
struct RightsCheck {
    /// What is sent, and the right that it needs.
    private(set) var commands: [(right: String, words: [String])] = []

    /// - Parameter slots: those that the server serves in a cluster. It sends others elsewhere before it looks whether it could.
    init(prefix: String, tag: String, wait: ReplicaWait?, isCluster: Bool, slots: [ClosedRange<Int>] = []) {
        let key = Self.key("\(prefix)check::\(tag)", in: slots)
        let other = isCluster && !prefix.contains("{") ? "\(prefix)check::{\(key)}" : "\(key):2"
        commands = [
            ("get", ["GET", key]), ("set", ["SET", key, "", "XX", "PX", "1"]), ("del", ["DEL", key]),
            ("getrange", ["GETRANGE", key, "0", "0"]), ("strlen", ["STRLEN", key]), ("exists", ["EXISTS", key]),
            ("expire", ["EXPIRE", key, "1"]), ("pttl", ["PTTL", key]), ("rename", ["RENAME", key, other]),
            ("unlink", ["UNLINK", key]), ("evalsha", ["EVALSHA", String(repeating: "0", count: 40), "1", key]),
            ("script|load", ["SCRIPT", "LOAD", String(decoding: Scripts.save, as: UTF8.self)]),
            ("script|load", ["SCRIPT", "LOAD", String(decoding: Scripts.delete, as: UTF8.self)]),
        ]
        if wait != nil { commands.append(("wait", ["WAIT", "0", "1"])) }
        if isCluster { commands.append(("asking", ["ASKING"])) }
    }

    /// A key that begins like this and lies in the slots; in any where none does, as with a hash tag.
    private static func key(_ beginning: String, in slots: [ClosedRange<Int>]) -> String {
        for number in 0..<(slots.isEmpty ? 0 : 10 * HashSlot.count) {
            let key = "\(beginning)-\(number)"
            let slot = Int(HashSlot(of: Array(key.utf8).span.bytes).number)
            if slots.contains(where: { $0.contains(slot) }) { return key }
        }
        return beginning
    }

    /// What the replies say.
    func findings(_ replies: [CheckReply], _ node: String, prefix: String) -> [Finding] {
        var missing: [String] = []
        var isKeyRefused = false
        var found: [Finding] = []
        for (command, reply) in zip(commands, replies) {
            guard let error = reply.error else { continue }
            switch error.code {
            case .noPermission where error.command == nil: isKeyRefused = true
            case .noPermission: if !missing.contains(command.right) { missing.append(command.right) }
            case .unknownCommand:
                let name = command.words[0]
                let sentence = "it does not know \(name): no Redis of 6.2 or newer, or the command is renamed"
                found.append(Finding(.error, node, "unknown-command", sentence))
            case let code?:
                // On a replica writes are refused for what it is.
                guard code != .readOnly, let sentence = RedisTroubles.sentence(code) else { continue }
                let finding = Finding(.error, node, "refuses-writes", sentence)
                if !found.contains(finding) { found.append(finding) }
            case nil: continue
            }
        }
        if !missing.isEmpty {
            let rights = missing.map { "+\($0)" }.joined(separator: " ")
            let sentence = "the ACL user lacks rights: \(rights)"
            found.append(Finding(missing == ["pttl"] ? .warning : .error, node, "rights", sentence))
        }
        if isKeyRefused {
            let sentence = "the ACL user may not use the keys that start with REDIS_KEY_PREFIX: ~\(prefix)*"
            found.append(Finding(.error, node, "key-rights", sentence))
        }
        return found
    }
}
