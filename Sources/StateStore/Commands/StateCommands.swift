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

    /// Where the parts of a save lie in what is sent, whose document goes ahead of the script.
    struct StagedParts {
        /// The argument of `SET` that is the document, and what comes behind it.
        var document: Int
        var afterDocument: Int
        /// `EVALSHA`, and its argument that is the document's head.
        var evaluation: Int
        var head: Int
        /// The arguments behind that, and how many they are.
        var rules: Int
        var rulesCount: Int
    }

    let save: Script
    let delete: Script
    private let secondsToLive: Int
    private let keyPrefix: [UInt8]
    private let readBeginning = CommandEncoder.Beginning("GET", missing: 1)
    private let timeBeginning = CommandEncoder.Beginning("PTTL", missing: 1)
    private let loadBeginning = CommandEncoder.Beginning("SCRIPT", "LOAD", missing: 1)

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

    /// `SET prefix…ready::<tag> "" XX PX 1`: a write of a key that nobody has, as it is drawn at random, and no state, as
    /// there is one colon in its key. It changes nothing, since the key is not there. Redis refuses it where it refuses
    /// saves.
    func tryWrite(_ tag: EntityTag, _ command: CommandEncoder) {
        var key = keyPrefix
        key.append("ready::")
        tag.append(to: &key)
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
    ) {
        begin(save, argumentCount: 1 + arguments.count, key, spare, command)
        append(document, command)
        arguments.write(to: command)
    }

    /// `SET staging document PX …`, and `EVALSHA` of the script that saves, which finds the document there.
    func stagedSave(
        _ key: [UInt8],
        staging: [UInt8],
        _ document: DocumentParts,
        _ arguments: SaveArguments,
        _ command: CommandEncoder
    ) -> StagedParts {
        command.begin(argumentCount: 5)
        command.argument("SET")
        command.argument(staging)
        let documentAt = command.position
        append(document, command)
        let afterDocument = command.position
        command.argument("PX")
        command.argument(decimal: StagingKey.millisecondsToLive)
        let evaluation = command.position
        begin(save, argumentCount: 1 + arguments.count, key, staging, command)
        let head = command.position
        command.argument(document.head)
        let rules = command.position
        arguments.write(to: command)
        return StagedParts(
            document: documentAt,
            afterDocument: afterDocument,
            evaluation: evaluation,
            head: head,
            rules: rules,
            rulesCount: arguments.count
        )
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
    func delete(_ key: [UInt8], spare: [UInt8], _ arguments: DeleteArguments, _ command: CommandEncoder) {
        begin(delete, argumentCount: arguments.count, key, spare, command)
        arguments.write(to: command)
    }

    /// `SCRIPT LOAD`, and what Redis could not do without, byte by byte. It knows the script from then on.
    /// - Parameters:
    ///   - sent: the commands as they were sent, of which the last needs the script.
    ///   - commandCount: how many they are.
    /// - Returns: how many bytes come before them.
    func load(
        _ name: ScriptName,
        before sent: RawSpan,
        commandCount: Int,
        _ command: CommandEncoder
    ) -> Int {
        command.begin(loadBeginning)
        switch name {
        case .save: command.argument(save.source)
        case .delete: command.argument(delete.source)
        }
        let start = command.position
        command.copy(sent, commandCount: commandCount)
        return start
    }

    /// `EVALSHA` with the document as an argument, in place of one that did not find it where it was sent: made of the
    /// pieces of what was sent.
    func unstaged(_ staged: RawSpan, _ parts: StagedParts, _ command: CommandEncoder) {
        command.copyBeginning(staged[parts.evaluation..<parts.head], missing: 1 + parts.rulesCount)
        command.copyArguments(staged[parts.document..<parts.afterDocument], count: 1)
        command.copyArguments(staged[parts.rules..<staged.byteCount], count: parts.rulesCount)
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
    ) {
        let keyCount = spare.isEmpty ? 1 : 2
        command.begin(argumentCount: 3 + keyCount + argumentCount)
        command.argument("EVALSHA")
        command.argument(script.sha1)
        command.argument(decimal: keyCount)
        command.argument(key)
        if keyCount == 2 { command.argument(spare) }
    }
}

extension CommandEncoder: ArgumentWriter {}
