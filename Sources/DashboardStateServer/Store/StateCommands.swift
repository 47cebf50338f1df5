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
    /// The part of a read that is always the same.
    private let readBegin = CommandEncoder.encoded {
        $0.begin(argumentCount: 2)
        $0.argument("GET")
    }

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
        command.encoded(readBegin)
        command.argument(key)
    }

    /// The key of a read, as it was sent.
    static func key(ofRead read: UnsafeRawBufferPointer) -> [UInt8]? {
        let arguments = commands(in: read).first ?? []
        return arguments.count == 2 ? [UInt8](arguments[1]) : nil
    }

    /// `PTTL key`: how long a state has yet to live, in milliseconds.
    func remainingTime(_ key: [UInt8], _ command: CommandEncoder) {
        command.begin(argumentCount: 2)
        command.argument("PTTL")
        command.argument(key)
    }

    /// Whether a state with so many milliseconds to live wants them renewed: less than nine tenths are left. One that
    /// lives for ever (-1), or is gone (-2), does not.
    func wantsRenewal(remaining: Int) -> Bool { remaining >= 0 && remaining < secondsToLive * 900 }

    /// How old a document may be without its remaining time being asked for, in milliseconds: a tenth of its time to live.
    var youthMilliseconds: Int64 { Int64(secondsToLive) * 100 }

    /// `EXPIRE key seconds`.
    func renew(_ key: [UInt8], _ command: CommandEncoder) {
        command.begin(argumentCount: 3)
        command.argument("EXPIRE")
        command.argument(key)
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
    func stagedSave(_ key: [UInt8], staging: [UInt8], _ save: Save, _ command: CommandEncoder) {
        command.begin(argumentCount: 5)
        command.argument("SET")
        command.argument(staging)
        withUnsafeBytes(of: UInt8(ascii: "}")) { command.argument(save.head, save.state, $0) }
        command.argument("PX")
        command.argument(Array(String(StagingKey.millisecondsToLive).utf8))
        begin(self.save, argumentCount: argumentCount(save), key, staging, command)
        command.argument(save.head)
        appendArguments(save, command)
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

    /// `EVAL` of a script in place of an `EVALSHA` that Redis did not know it by. It knows it from then on.
    /// - Parameter unknown: the commands as they were sent, that one being the last.
    func evaluate(_ script: Script, insteadOf unknown: UnsafeRawBufferPointer, _ command: CommandEncoder) {
        var commands = Self.commands(in: unknown)
        guard let last = commands.popLast() else { return }
        for ahead in commands {
            command.begin(argumentCount: ahead.count)
            for argument in ahead { command.argument(argument) }
        }
        command.begin(argumentCount: last.count)
        command.argument("EVAL")
        command.argument(script.source)
        for argument in last.dropFirst(2) { command.argument(argument) }
    }

    /// `EVALSHA` with the document as an argument, in place of one that did not find it where it was sent.
    /// - Parameter staged: the commands as they were sent.
    func unstaged(insteadOf staged: UnsafeRawBufferPointer, _ command: CommandEncoder) {
        // SET staging document PX ms; EVALSHA name 2 key staging head …
        let commands = Self.commands(in: staged)
        guard commands.count == 2, commands[0].count == 5, commands[1].count > 6 else { return }
        let (name, source) = (commands[1][0], commands[1][1])
        command.begin(argumentCount: commands[1].count)
        command.argument(name)
        command.argument(source)
        command.argument("2")
        command.argument(commands[1][3])
        command.argument(commands[1][4])
        command.argument(commands[0][2])
        for argument in commands[1].dropFirst(6) { command.argument(argument) }
    }

    /// A command is an array of strings, like a reply.
    private static func commands(in bytes: UnsafeRawBufferPointer) -> [[UnsafeRawBufferPointer]] {
        var commands: [[UnsafeRawBufferPointer]] = []
        var rest = bytes
        while case .complete(let array, let length)? = try? ReplyParser.parse(rest) {
            commands.append(array.elements.map(\.bytes))
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
        return commands
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
