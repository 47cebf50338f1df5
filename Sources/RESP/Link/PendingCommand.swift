/// A command from being asked to being answered, or several that belong together. The bytes are kept that long: what only
/// reads, or was not sent whole, may be sent on another connection.
struct PendingCommand {
    let buffer: CommandBuffer
    /// How many replies there will be.
    let commandCount: Int
    let receiver: any ReplyReceiver
    /// Whether it changes anything: such a command is sent whole once at most.
    let isWrite: Bool
    /// Monotonic nanoseconds.
    let deadline: UInt64
    /// How many connections were lost on which it was under way.
    var losses = 0

    /// Whether it may be what a server or a proxy hangs up over: it is then sent alone, so that the next loss tells.
    var isSuspect: Bool { losses >= 2 }
}
