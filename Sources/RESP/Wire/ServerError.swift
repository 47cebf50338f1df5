/// An error that a server answered with, as far as programs go by it. Its words may quote a key, so they go nowhere.
///
/// Source: <https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors>.
public struct ServerError: Equatable, Sendable {
    /// First words of errors that are told apart, as Redis and Valkey write them.
    public enum Code: String, CaseIterable, Sendable {
        /// This question alone is for another node of the cluster.
        case ask = "ASK"
        /// A key is there already.
        case busyKey = "BUSYKEY"
        /// A script runs, and has done so for too long.
        case busy = "BUSY"
        /// The server is no node of a cluster; Redis writes it as a sentence.
        case clusterDisabled = "CLUSTERDISABLED"
        /// The cluster serves not all slots, or not this one.
        case clusterDown = "CLUSTERDOWN"
        /// The keys of a command lie in different slots of a cluster.
        case crossSlot = "CROSSSLOT"
        /// A string is longer than `proto-max-bulk-len`; Redis writes it as a sentence, and closes the connection.
        case invalidLength = "INVALIDLENGTH"
        /// Connections from other machines are refused (protected mode).
        case denied = "DENIED"
        /// The data is still being loaded.
        case loading = "LOADING"
        /// A replica without its master, told to answer nothing then.
        case masterDown = "MASTERDOWN"
        /// `maxclients` is reached; Redis writes it as a sentence.
        case maxClients = "MAXCLIENTS"
        /// Writes are refused, since the last snapshot could not be stored.
        case misconf = "MISCONF"
        /// The slot lies on another node.
        case moved = "MOVED"
        /// A password is asked for.
        case noAuth = "NOAUTH"
        /// The ACL user may not do this.
        case noPermission = "NOPERM"
        /// This version of the protocol is not spoken.
        case noProtocol = "NOPROTO"
        /// Writes are refused, since fewer replicas are there than must be.
        case noReplicas = "NOREPLICAS"
        /// A script is not known by its name.
        case noScript = "NOSCRIPT"
        /// No memory is left for writes.
        case outOfMemory = "OOM"
        /// The server is a replica.
        case readOnly = "READONLY"
        /// The keys are on their way from one node to another.
        case tryAgain = "TRYAGAIN"
        /// The command is not known; Redis writes it as a sentence.
        case unknownCommand = "UNKNOWNCOMMAND"
        /// User or password are wrong.
        case wrongPassword = "WRONGPASS"
        /// The key holds something of another kind.
        case wrongType = "WRONGTYPE"
    }

    /// What it says; `nil` where it is none of those, as errors of proxies are.
    public let code: Code?
    /// The command, in lower case, that was refused inside a script, or that the user may not call.
    public let command: String?
    /// Whether a script of ours said it, which it does before it has changed a state.
    public let isFromScript: Bool

    /// Whether a node of a cluster says that it does not serve the key, or not now: it has not carried the command out.
    public var isRedirection: Bool {
        switch code {
        case .moved, .ask, .tryAgain, .clusterDown: !isFromScript
        default: false
        }
    }

    /// What a script puts between a command's name and the error that it was refused with.
    public static let scriptMark = " refused: "

    /// Reads a reply that is an error.
    public init(_ reply: Reply) {
        self.init(message: reply.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
    }

    /// Reads an error's words, without the `-` in front.
    init(message: String) {
        var rest = Substring(message)
        var name: String?
        let mark = message.firstRange(of: Self.scriptMark)
        // Redis 6.2 puts "ERR Error running script (…): @user_script:12: " in front, later ones "ERR ". A proxy that says
        // "connection refused: …" names no command.
        if let mark, let word = Self.lastWord(message[..<mark.lowerBound]) {
            name = word
            rest = message[mark.upperBound...]
        }
        isFromScript = name != nil
        rest = Self.withoutPlace(rest)
        if rest.hasPrefix("-") { rest = rest.dropFirst() }
        if rest.hasPrefix("ERR ") { rest = rest.dropFirst(4) }
        code = Self.code(rest)
        command = name ?? Self.deniedCommand(rest)
    }

    /// Redis 6.2 says where in a script an error arose: `@user_script: 12: `.
    private static func withoutPlace(_ text: Substring) -> Substring {
        guard text.hasPrefix("@user_script:") else { return text }
        let rest = text.dropFirst("@user_script:".count).drop { $0 == " " || $0.isNumber }
        return rest.hasPrefix(": ") ? rest.dropFirst(2) : text
    }

    private static func code(_ text: Substring) -> Code? {
        if let code = Code(rawValue: String(text.prefix { $0 != " " })) { return code }
        if text.hasPrefix("max number of clients") { return .maxClients }
        // As Redis 5 says it, and proxies.
        if text.hasPrefix("invalid password") { return .wrongPassword }
        if text.hasPrefix("Protocol error: invalid bulk length") { return .invalidLength }
        if text.hasPrefix("This instance has cluster support disabled") { return .clusterDisabled }
        if text.hasPrefix("unknown command") { return .unknownCommand }
        // What scripts are told instead of NOPERM, by Redis up to 7.0 and from 7.2 on.
        if text.hasPrefix("The user executing the script can't") { return .noPermission }
        if text.hasPrefix("ACL failure in script") { return .noPermission }
        return nil
    }

    private static func lastWord(_ text: Substring) -> String? {
        let word = text.split(separator: " ").last.map(String.init) ?? ""
        // An error without a code of its own begins like that: what follows is no script's.
        guard !word.isEmpty, word != "ERR" else { return nil }
        return word.utf8.allSatisfy { (0x41...0x5A).contains($0) } ? word.lowercased() : nil
    }

    /// The name in `… to run the 'get' command …`.
    private static func deniedCommand(_ text: Substring) -> String? {
        guard let start = text.firstRange(of: "run the '")?.upperBound else { return nil }
        let name = text[start...].prefix { $0 != "'" }
        let isName = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "|") }
        return isName && !name.isEmpty ? String(name) : nil
    }
}
