import Bytes
import DashboardState
import RESP

/// The commands that this service sends, each in one place.
struct StateCommands {
    /// A script and the name that Redis has for it.
    struct Script {
        let source: [UInt8]
        let sha1: [UInt8]

        init(_ source: [UInt8], _ hasher: Hasher) {
            self.source = source
            sha1 = source.withUnsafeBytes { hasher.sha1($0) }
        }
    }

    /// What a save sends beside the key.
    struct Save {
        var version: Int64
        /// Everything before the state's bytes.
        var head: UnsafeRawBufferPointer
        var state: UnsafeRawBufferPointer
        var hasClientTime: Bool
        var conditions: Conditions
    }

    /// What a write depends on, and what its refusal brings back.
    struct Conditions {
        var ifMatch: Precondition
        var ifNoneMatch: Precondition
        var wantsCurrent: Bool

        var isUnconditional: Bool { ifMatch == .none && ifNoneMatch == .none }
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

    /// States of this many bytes or more are sent ahead of the script. Below, a second command costs Redis as much as
    /// it saves: `bench/RESULTS.md` has the measurement.
    static let stagedLength = 3072

    let save: Script
    let delete: Script
    /// Whether reads renew the time to live.
    let renewsOnRead: Bool
    private let secondsToLive: Int
    private let secondsArgument: [UInt8]
    private let keyPrefix: [UInt8]
    private let readBeginning = CommandEncoder.Beginning("GET", missing: 1)
    private let timeBeginning = CommandEncoder.Beginning("PTTL", missing: 1)
    private let loadBeginning = CommandEncoder.Beginning("SCRIPT", "LOAD", missing: 1)

    init(_ configuration: Configuration, _ hasher: Hasher) {
        save = Script(Scripts.save, hasher)
        delete = Script(Scripts.delete, hasher)
        renewsOnRead = configuration.renewsOnRead
        secondsToLive = configuration.secondsToLive
        secondsArgument = Array(String(configuration.secondsToLive).utf8)
        keyPrefix = configuration.keyPrefix
    }

    /// `GET key`. Nothing else is needed for a read, so it works wherever Redis serves reads.
    func read(_ key: [UInt8], _ command: CommandEncoder) {
        command.begin(readBeginning)
        command.argument(key)
    }

    /// `PTTL key`: how long a state has yet to live, in milliseconds.
    /// - Parameter read: the read of it, as it was sent.
    func remainingTime(after read: UnsafeRawBufferPointer, _ command: CommandEncoder) {
        command.begin(timeBeginning)
        command.copyArguments(UnsafeRawBufferPointer(rebasing: read[readBeginning.count...]), count: 1)
    }

    /// Whether a state with so many milliseconds to live wants them renewed: less than nine tenths are left. One that
    /// lives for ever (-1), or is gone (-2), does not.
    func wantsRenewal(remaining: Int) -> Bool { remaining >= 0 && remaining < secondsToLive * 900 }

    /// How old a document may be without its remaining time being asked for, in milliseconds: a tenth of its time to live.
    var youthMilliseconds: Int64 { Int64(secondsToLive) * 100 }

    /// `EXPIRE key seconds`.
    /// - Parameter remainingTime: the question for the time that is left, as it was sent.
    func renew(after remainingTime: UnsafeRawBufferPointer, _ command: CommandEncoder) {
        command.begin(argumentCount: 3)
        command.argument("EXPIRE")
        command.copyArguments(UnsafeRawBufferPointer(rebasing: remainingTime[timeBeginning.count...]), count: 1)
        command.argument(secondsArgument)
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
    func save(_ key: [UInt8], spare: [UInt8], _ save: Save, _ command: CommandEncoder) {
        begin(self.save, argumentCount: argumentCount(save), key, spare, command)
        withUnsafeBytes(of: UInt8(ascii: "}")) { command.argument(save.head, save.state, $0) }
        appendArguments(save, command)
    }

    /// `SET staging document PX …`, and `EVALSHA` of the script that saves, which finds the document there.
    func stagedSave(_ key: [UInt8], staging: [UInt8], _ save: Save, _ command: CommandEncoder) -> StagedParts {
        command.begin(argumentCount: 5)
        command.argument("SET")
        command.argument(staging)
        let document = command.position
        withUnsafeBytes(of: UInt8(ascii: "}")) { command.argument(save.head, save.state, $0) }
        let afterDocument = command.position
        command.argument("PX")
        command.argument(Array(String(StagingKey.millisecondsToLive).utf8))
        let evaluation = command.position
        begin(self.save, argumentCount: argumentCount(save), key, staging, command)
        let head = command.position
        command.argument(save.head)
        let rules = command.position
        appendArguments(save, command)
        return StagedParts(
            document: document,
            afterDocument: afterDocument,
            evaluation: evaluation,
            head: head,
            rules: rules,
            rulesCount: argumentCount(save) - 1
        )
    }

    private func argumentCount(_ save: Save) -> Int { save.hasConditions ? 6 : 3 }

    private func appendArguments(_ save: Save, _ command: CommandEncoder) {
        command.argument(decimal: Int(save.version))
        command.argument(secondsArgument)
        guard save.hasConditions else { return }
        switch (save.hasClientTime, save.conditions.wantsCurrent) {
        case (false, false): command.argument("")
        case (true, false): command.argument("m")
        case (false, true): command.argument("c")
        case (true, true): command.argument("mc")
        }
        command.argument(save.conditions.ifMatch.argument)
        command.argument(save.conditions.ifNoneMatch.argument)
    }

    /// `DEL key`, or `EVALSHA` of the script that deletes where that depends on a precondition.
    func delete(_ key: [UInt8], spare: [UInt8], _ conditions: Conditions, _ command: CommandEncoder) {
        guard !conditions.isUnconditional else {
            command.begin(argumentCount: 2)
            command.argument("DEL")
            command.argument(key)
            return
        }
        begin(delete, argumentCount: 3, key, spare, command)
        command.argument(conditions.wantsCurrent ? "c" : "")
        command.argument(conditions.ifMatch.argument)
        command.argument(conditions.ifNoneMatch.argument)
    }

    /// `SCRIPT LOAD`, and what Redis could not do without, byte by byte. It knows the script from then on.
    /// - Parameters:
    ///   - sent: the commands as they were sent, of which the last needs the script.
    ///   - commandCount: how many they are.
    /// - Returns: how many bytes come before them.
    func load(
        _ name: ScriptName,
        before sent: UnsafeRawBufferPointer,
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
    func unstaged(_ staged: UnsafeRawBufferPointer, _ parts: StagedParts, _ command: CommandEncoder) {
        func piece(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: staged[range]) }
        command.copyBeginning(piece(parts.evaluation..<parts.head), missing: 1 + parts.rulesCount)
        command.copyArguments(piece(parts.document..<parts.afterDocument), count: 1)
        command.copyArguments(piece(parts.rules..<staged.count), count: parts.rulesCount)
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

extension StateCommands.Save {
    /// Whether the script must look at more than versions.
    fileprivate var hasConditions: Bool {
        hasClientTime || conditions.wantsCurrent || !conditions.isUnconditional
    }
}
