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
        /// Everything before the state's bytes.
        var head: [UInt8]
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

    let save: Script
    let delete: Script
    private let secondsToLive: [UInt8]
    private let renewsOnRead: Bool

    init(_ configuration: Configuration, _ hasher: Hasher) {
        save = Script(Scripts.save, hasher)
        delete = Script(Scripts.delete, hasher)
        secondsToLive = Array(String(configuration.secondsToLive).utf8)
        renewsOnRead = configuration.renewsOnRead
    }

    /// `GETEX key EX seconds`, or `GET key` where reads leave the time to live alone.
    func read(_ key: [UInt8], _ command: CommandEncoder) {
        command.begin(argumentCount: renewsOnRead ? 4 : 2)
        command.argument(renewsOnRead ? "GETEX" : "GET")
        command.argument(key)
        guard renewsOnRead else { return }
        command.argument("EX")
        command.argument(secondsToLive)
    }

    /// `EVALSHA` of the script that saves.
    func save(_ key: [UInt8], _ save: Save, _ command: CommandEncoder) {
        begin(self.save, key, argumentCount: 5, command)
        save.head.withUnsafeBytes { head in
            withUnsafeBytes(of: UInt8(ascii: "}")) { command.argument(head, save.state, $0) }
        }
        command.argument(secondsToLive)
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
    func delete(_ key: [UInt8], _ conditions: Conditions, _ command: CommandEncoder) {
        guard !conditions.isUnconditional else {
            command.begin(argumentCount: 2)
            command.argument("DEL")
            command.argument(key)
            return
        }
        begin(delete, key, argumentCount: 3, command)
        command.argument(conditions.wantsCurrent ? "c" : "")
        command.argument(conditions.ifMatch.argument)
        command.argument(conditions.ifNoneMatch.argument)
    }

    /// `EVAL` of a script in place of an `EVALSHA` that Redis did not know it by. It knows it from then on.
    /// - Parameter unknown: the command as it was sent.
    func evaluate(_ script: Script, insteadOf unknown: UnsafeRawBufferPointer, _ command: CommandEncoder) {
        let arguments = arguments(of: unknown)
        command.begin(argumentCount: arguments.count)
        command.argument("EVAL")
        command.argument(script.source)
        for argument in arguments.dropFirst(2) { command.argument(argument) }
    }

    /// `GET key` in place of a `GETEX`, which is a write to Redis, and so refused where writes are.
    /// - Parameter refused: the command as it was sent.
    func readOnly(insteadOf refused: UnsafeRawBufferPointer, _ command: CommandEncoder) {
        command.begin(argumentCount: 2)
        command.argument("GET")
        for key in arguments(of: refused).dropFirst().prefix(1) { command.argument(key) }
    }

    /// A command is an array of strings, like a reply.
    private func arguments(of command: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
        guard case .complete(let array, _)? = try? ReplyParser.parse(command) else { return [] }
        return array.elements.map(\.bytes)
    }

    /// `PING`.
    func ping(_ command: CommandEncoder) {
        command.begin(argumentCount: 1)
        command.argument("PING")
    }

    private func begin(_ script: Script, _ key: [UInt8], argumentCount: Int, _ command: CommandEncoder) {
        command.begin(argumentCount: 4 + argumentCount)
        command.argument("EVALSHA")
        command.argument(script.sha1)
        command.argument("1")
        command.argument(key)
    }
}
