/// A command from being asked to being answered, or several that belong together. The bytes are kept that long, to be
/// sent again after a loss, from the first one on.
struct PendingCommand {
    let buffer: CommandBuffer
    /// How many replies there will be.
    let commandCount: Int
    let receiver: any ReplyReceiver
    let isRepeatable: Bool
    /// Monotonic nanoseconds.
    let deadline: UInt64
}
