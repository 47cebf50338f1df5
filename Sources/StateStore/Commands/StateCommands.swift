import Bytes
import DashboardState
import RESP

/// The commands that this service sends, each in one place.
struct StateCommands {
    /// A script and the name that Redis has for it.
    struct Script {
        let source: [UInt8]
        let sha1: [UInt8]

        init(_ source: [UInt8], _ sha1: (RawSpan) -> [UInt8]) {
            self.source = source
            self.sha1 = sha1(source.span.bytes)
        }
    }

    /// A document in two pieces.
    struct DocumentParts: ~Escapable {
        /// Everything before the state's bytes.
        let head: RawSpan
        let state: RawSpan

        @_lifetime(copy head, copy state)
        init(head: RawSpan, state: RawSpan) {
            self.head = head
            self.state = state
        }
    }

    /// Where the parts of a script's call lie in what is sent, and of a document that goes ahead of it.
    struct CallParts {
        /// The argument that is the document, of `SET` where it goes ahead; empty for a delete.
        var document = 0..<0
        /// `EVALSHA`.
        var evaluation = 0
        /// Its argument that is the state's key.
        var key = 0..<0
        /// Its arguments behind the keys: the document, or its head where that goes ahead.
        var arguments = 0
        /// Its arguments behind the document, and how many they are.
        var rules = 0
        var rulesCount = 0

        /// The same where the document is an argument, in place of its head.
        var unstaged: CallParts {
            let start = arguments - evaluation
            let end = start + document.count
            return CallParts(
                document: start..<end,
                evaluation: 0,
                key: (key.lowerBound - evaluation)..<(key.upperBound - evaluation),
                arguments: start,
                rules: end,
                rulesCount: rulesCount
            )
        }
    }

    let save: Script
    let delete: Script
    private let secondsToLive: Int
    private let keyPrefix: [UInt8]
    private let readBeginning = CommandEncoder.Beginning("GET", missing: 1)
    private let timeBeginning = CommandEncoder.Beginning("PTTL", missing: 1)
    private let loadBeginning = CommandEncoder.Beginning("SCRIPT", "LOAD", missing: 1)
    private let asking = CommandEncoder.Beginning("ASKING", missing: 0)

    init(_ settings: StoreSettings, sha1: (RawSpan) -> [UInt8]) {
        save = Script(Scripts.save, sha1)
        delete = Script(Scripts.delete, sha1)
        secondsToLive = settings.secondsToLive
        keyPrefix = settings.keyPrefix
    }

    /// `GET key`. Nothing else is needed for a read, so it works wherever Redis serves reads.
    func read(_ key: [UInt8], _ command: CommandEncoder) {
        command.begin(readBeginning)
        command.argument(key)
    }

    /// `PTTL key`: how long a state has yet to live, in milliseconds.
    /// - Parameter read: the read of it, as it was sent.
    func remainingTime(after read: RawSpan, _ command: CommandEncoder) {
        command.begin(timeBeginning)
        command.copyArguments(read[readBeginning.count..<read.byteCount], count: 1)
    }

    /// `EXPIRE key seconds`.
    /// - Parameter remainingTime: the question for the time that is left, as it was sent.
    func renew(after remainingTime: RawSpan, _ command: CommandEncoder) {
        command.begin(argumentCount: 3)
        command.argument("EXPIRE")
        command.copyArguments(remainingTime[timeBeginning.count..<remainingTime.byteCount], count: 1)
        command.argument(decimal: secondsToLive)
    }

    /// `prefix…ready::<tag>`: a key that nobody has, as it is drawn at random, and no state's, which has one colon.
    func keyForTrying(_ tag: EntityTag) -> [UInt8] {
        var key = keyPrefix
        key.append("ready::")
        tag.append(to: &key)
        return key
    }

    /// `SET key "" XX PX 1`: it changes nothing, where the key is not there. Redis refuses it where it refuses saves.
    func tryWrite(_ key: [UInt8], _ command: CommandEncoder) {
        command.begin(argumentCount: 6)
        command.argument("SET")
        command.argument(key)
        command.argument("")
        command.argument("XX")
        command.argument("PX")
        command.argument("1")
    }

    /// `EVALSHA` of the script that saves, with the document as an argument.
    /// - Parameter spare: a key in the same slot under which nothing lies; empty where none is known.
    func save(
        _ key: [UInt8],
        spare: [UInt8],
        _ document: DocumentParts,
        _ arguments: SaveArguments,
        _ command: CommandEncoder
    ) -> CallParts {
        var parts = begin(save, argumentCount: 1 + arguments.count, key, spare, command)
        append(document, command)
        parts.document = parts.arguments..<command.position
        return addRules(arguments.count, to: parts, command) { arguments.write(to: command) }
    }

    /// `SET staging document PX …`, and `EVALSHA` of the script that saves, which finds the document there.
    func stagedSave(
        _ key: [UInt8],
        staging: [UInt8],
        _ document: DocumentParts,
        _ arguments: SaveArguments,
        _ command: CommandEncoder
    ) -> CallParts {
        command.begin(argumentCount: 5)
        command.argument("SET")
        command.argument(staging)
        let start = command.position
        append(document, command)
        let end = command.position
        command.argument("PX")
        command.argument(decimal: StagingKey.millisecondsToLive)
        var parts = begin(save, argumentCount: 1 + arguments.count, key, staging, command)
        parts.document = start..<end
        command.argument(document.head)
        return addRules(arguments.count, to: parts, command) { arguments.write(to: command) }
    }

    private func addRules(
        _ count: Int,
        to parts: CallParts,
        _ command: CommandEncoder,
        _ write: () -> Void
    ) -> CallParts {
        var parts = parts
        parts.rules = command.position
        parts.rulesCount = count
        write()
        return parts
    }

    private func append(_ document: DocumentParts, _ command: CommandEncoder) {
        command.argument(document.head, document.state, ending: UInt8(ascii: "}"))
    }

    /// `DEL key`.
    func delete(_ key: [UInt8], _ command: CommandEncoder) {
        command.begin(argumentCount: 2)
        command.argument("DEL")
        command.argument(key)
    }

    /// `EVALSHA` of the script that deletes under a precondition.
    func delete(
        _ key: [UInt8],
        spare: [UInt8],
        _ arguments: DeleteArguments,
        _ command: CommandEncoder
    ) -> CallParts {
        let parts = begin(delete, argumentCount: arguments.count, key, spare, command)
        return addRules(arguments.count, to: parts, command) { arguments.write(to: command) }
    }

    /// `ASKING`: the next command is carried out by a node of a cluster that gets the slot just now.
    func ask(_ command: CommandEncoder) { command.begin(asking) }

    /// How many bytes that takes.
    var askingLength: Int { asking.count }

    /// `SCRIPT LOAD`. Redis knows the script from then on.
    func load(_ name: ScriptName, _ command: CommandEncoder) {
        command.begin(loadBeginning)
        switch name {
        case .save: command.argument(save.source)
        case .delete: command.argument(delete.source)
        }
    }

    /// `SCRIPT LOAD` of each script.
    func loadAll(_ command: CommandEncoder) {
        load(.save, command)
        load(.delete, command)
    }

    /// How many there are.
    static let scriptCount = 2

    /// `EVALSHA` with the document as an argument, in place of one that did not find it where it was sent: made of the
    /// pieces of what was sent.
    func unstaged(_ staged: RawSpan, _ parts: CallParts, _ command: CommandEncoder) {
        command.copyBeginning(staged[parts.evaluation..<parts.arguments], missing: 1 + parts.rulesCount)
        command.copyArguments(staged[parts.document], count: 1)
        command.copyArguments(staged[parts.rules..<staged.byteCount], count: parts.rulesCount)
    }

    /// `EVALSHA` with the state's key alone, and the document as an argument, in place of a call with two keys: made of the
    /// pieces of what was sent.
    func withOneKey(_ name: ScriptName, _ sent: RawSpan, _ parts: CallParts, _ command: CommandEncoder) {
        let documentCount = parts.document.isEmpty ? 0 : 1
        command.begin(argumentCount: 4 + documentCount + parts.rulesCount)
        command.argument("EVALSHA")
        switch name {
        case .save: command.argument(save.sha1)
        case .delete: command.argument(delete.sha1)
        }
        command.argument("1")
        command.copyArguments(sent[parts.key], count: 1)
        if documentCount > 0 { command.copyArguments(sent[parts.document], count: 1) }
        command.copyArguments(sent[parts.rules..<sent.byteCount], count: parts.rulesCount)
    }

    /// `WAIT replicas milliseconds`.
    static func wait(_ wait: ReplicaWait, _ command: CommandEncoder) {
        command.begin(argumentCount: 3)
        command.argument("WAIT")
        command.argument(decimal: wait.replicas)
        command.argument(decimal: wait.milliseconds)
    }

    /// `CLUSTER SLOTS`.
    static func askForSlots(_ command: CommandEncoder) {
        command.begin(argumentCount: 2)
        command.argument("CLUSTER")
        command.argument("SLOTS")
    }

    /// `INFO memory`, which tells the eviction policy too.
    static func askForMemory(_ command: CommandEncoder) {
        command.begin(argumentCount: 2)
        command.argument("INFO")
        command.argument("memory")
    }

    /// `PING`.
    static func ping(_ command: CommandEncoder) {
        command.begin(argumentCount: 1)
        command.argument("PING")
    }

    /// - Parameter argumentCount: how many follow the keys.
    private func begin(
        _ script: Script,
        argumentCount: Int,
        _ key: [UInt8],
        _ spare: [UInt8],
        _ command: CommandEncoder
    ) -> CallParts {
        let keyCount = spare.isEmpty ? 1 : 2
        var parts = CallParts()
        parts.evaluation = command.position
        command.begin(argumentCount: 3 + keyCount + argumentCount)
        command.argument("EVALSHA")
        command.argument(script.sha1)
        command.argument(decimal: keyCount)
        let start = command.position
        command.argument(key)
        parts.key = start..<command.position
        if keyCount == 2 { command.argument(spare) }
        parts.arguments = command.position
        return parts
    }
}

extension CommandEncoder: ArgumentWriter {}
