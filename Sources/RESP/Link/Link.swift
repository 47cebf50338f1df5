import Glibc

/// A connection to one Redis server that heals itself, with implicit pipelining: commands that are asked for together
/// leave in one write, and replies come back in order.
///
/// It brings no event loop. Its owner watches ``descriptor``, calls ``ready(readable:writable:now:)`` when something
/// happens on it, ``tick(now:)`` when ``deadline`` has passed, and ``flush(now:)`` after asking. All on one thread;
/// all times are monotonic nanoseconds.
///
/// A write that was sent whole is never sent again: it may have been carried out, and others may have read and written
/// since. What only reads, and what was not sent whole, goes on with the next connection, in order. While Redis is known
/// to be away, new commands fail at once, and attempts to connect go on in the background.
///
/// Only a master is spoken to: the role is asked for at connect, and each second while commands are sent.
public final class Link {
    /// What an operator wants to know.
    public enum Event: Sendable {
        /// Redis answers, as what it says it is.
        case connected(Role)
        /// It did, and the connection is gone.
        case lost(RESPError)
        /// It could not be reached, or refuses to serve.
        case refused(RESPError)
        /// Files for TLS have changed and cannot be used; what was known before is used on.
        case unusableFiles(RESPError)
    }

    /// Called when the link gets or loses its server; not for every repeated failure, but for each different one.
    public var onEvent: (Event) -> Void = { _ in }

    /// Asked for the password where the server refuses the one that is known: it may have been changed since.
    public var readPassword: () -> [UInt8]? = { nil }

    /// Called each time that a connection is to be made, by a link that does not know where: ``found(_:now:)`` or
    /// ``notFound(_:now:)`` follow, not within the call.
    public var onSeek: (() -> Void)?

    /// Gets what the server sends without being asked, such as messages of a subscription.
    public var onPush: (Reply) -> Void = { _ in }

    /// Whether a replica will do, for what replicas know too. Its role is asked for at connect alone.
    public var takesReplicas = false

    /// Gets commands that were not sent, in place of their failure, where it takes them.
    var onUnsent: (PendingCommand) -> Bool = { _ in false }

    /// Called before the link lets go of its ``descriptor``, which is still open then: whoever watches it stops.
    public var beforeLettingGo: (_ descriptor: Int32) -> Void = { _ in }

    /// What to watch; -1 while there is nothing.
    public var descriptor: Int32 { socket?.descriptor ?? lookUp?.descriptor ?? -1 }
    /// Whether there is something left to write.
    public var wantsWrite: Bool { usesTLS ? waitsForRoom : socket != nil && (!isOpen || isBlocked) }
    /// Whether Redis answers.
    public var isReady: Bool { if case .ready = lifecycle.phase { true } else { false } }
    /// Whether nothing was ever asked of it that would have needed a connection.
    public var isUnused: Bool { lifecycle.phase == .idle && queue.count == 0 }
    /// Whether a command would be taken, and not fail at once.
    public var acceptsCommands: Bool { lifecycle.acceptsCommands && !isFull }
    /// Whether commands wait for their replies and nothing has moved for a quarter of the time that they have.
    @exclusivity(unchecked) public internal(set) var isSilent = false

    /// When ``tick(now:)`` is due; `nil` if nothing is awaited.
    public var deadline: UInt64? {
        // Unanswered commands wait in the order of their deadlines.
        guard let command = queue.firstDeadline else { return lifecycle.deadline }
        guard isAwaiting else { return min(command, lifecycle.deadline ?? command) }
        return min(max(movedAt, examinedAt) + patience, command + Self.mostTimes * responseTimeout)
    }

    /// A lost packet is sent again within such a time: nothing moves meanwhile, and all is well. In nanoseconds.
    private static let leastPatience: UInt64 = 250_000_000

    /// A command that something moves for is given up after so many times the response timeout on top.
    static let mostTimes: UInt64 = 9

    /// Most commands that may wait for a reply.
    public static let longestQueue = 65536
    /// Most bytes of commands that may wait for a reply.
    public static let mostQueuedBytes = 64 << 20

    /// Whether commands wait for others to share a write with. Who makes batches of its own sends them at once.
    public var gathers = true
    /// Whether what is queued behind what was sent waits for whoever calls ``flush(now:)``, and does not go with the time.
    public var holdsBack = false

    /// Where the server is. While that is asked for, where it was.
    public internal(set) var endpoint: Endpoint
    private(set) var tls: TLSClient?
    private let tlsContext: TLSContext?
    /// Whether there is such a part; every request asks.
    let usesTLS: Bool
    let connectTimeout: UInt64
    let responseTimeout: UInt64
    /// How long nothing may move before the connection is looked at.
    let patience: UInt64
    var random = SystemRandomNumberGenerator()
    // Unchecked: a link is used on one thread, and no method of these calls back into it. Checks at run time cost a read
    // some 300 instructions.
    @exclusivity(unchecked) var lifecycle = LinkLifecycle()
    @exclusivity(unchecked) var handshake: Handshake?
    @exclusivity(unchecked) var socket: Socket? { willSet { letGo(of: socket?.descriptor) } }
    /// The socket has connected, TLS is agreed on where it is to be, and the handshake was begun.
    var isOpen = false
    var isBlocked = false

    // Connecting.
    var candidates = Candidates()
    /// A look-up that is under way, and the same while there is nothing to do but to wait for it.
    var resolution: Resolution?
    var lookUp: Resolution? { willSet { letGo(of: lookUp?.descriptor) } }
    /// The address is asked for, and not known yet.
    var awaitsAddress = false
    var dialect = Handshake.Dialect.hello
    /// Connections in a row that were closed over it.
    var closedGreetings = 0
    /// A server at the endpoint has said its role before.
    var saysRole = false
    /// The server, which answers those who do not ask for its role, has closed connections over that question since.
    var isReticenceProven = false
    /// The question is being asked to find that out.
    var isProvingReticence = false
    /// What of the handshake is not written yet.
    let greeting = CommandBuffer()
    var greetingSent = 0
    var lastFailure: RESPError?
    var refusedPassword: [UInt8]?

    // Commands. Unchecked like those above: they are counted for each of them.
    let queue = CommandQueue()
    /// Bytes of all commands in the queue.
    @exclusivity(unchecked) var queuedBytes = 0
    /// Commands at the front of the queue that are written whole, and bytes written of the one behind them.
    @exclusivity(unchecked) var sentCommands = 0
    @exclusivity(unchecked) var sentBytes = 0
    /// Replies that have come for the commands at the very front, where several belong together.
    @exclusivity(unchecked) var repliesToFirst = 0
    let received = ReceiveBuffer()
    let pool = BufferPool()
    /// A command was answered on this connection.
    @exclusivity(unchecked) var wasOfUse = false

    /// The connection before was given up because nothing came on it, and nothing has been answered since.
    @exclusivity(unchecked) var wasSilent = false

    // Watching.
    /// When bytes last went to or fro that the first command has to do with.
    @exclusivity(unchecked) var movedAt: UInt64 = 0
    /// When the connection was last looked at, and how many bytes its peer had not confirmed then.
    var examinedAt: UInt64 = 0
    var unconfirmed = 0
    /// How many bytes were written since, and whether some of the first command were among those that were not confirmed.
    @exclusivity(unchecked) var writtenSinceLook = 0
    var isFirstUnderWay = false
    /// When the role is to be asked for with the next command; never where the server cannot say it.
    @exclusivity(unchecked) private var roleDue = UInt64.max
    private lazy var roleReceiver = RoleReceiver(self)

    /// Makes a link, which connects at its first ``tick(now:)`` or ``flush(now:)``.
    /// - Parameters:
    ///   - connectTimeout: for a connection to become of use once its address is known, in nanoseconds.
    ///   - responseTimeout: for a command to be answered, in nanoseconds. While bytes move it may take up to ten times
    ///     as long.
    ///   - tls: what TLS is done with. There must be one for an endpoint that uses it.
    public init(endpoint: Endpoint, connectTimeout: UInt64, responseTimeout: UInt64, tls: TLSContext? = nil) {
        self.endpoint = endpoint
        tlsContext = tls
        self.tls = TLSClient(endpoint, tls)
        usesTLS = endpoint.usesTLS
        self.connectTimeout = connectTimeout
        self.responseTimeout = responseTimeout
        patience = max(responseTimeout / 4, min(responseTimeout, Self.leastPatience))
        tellOfFiles()
    }

    private func tellOfFiles() { tls?.onUnusableFiles = { [unowned self] in onEvent(.unusableFiles($0)) } }

    /// The server is another one, with another certificate.
    func remakeTLS() {
        tls = TLSClient(endpoint, tlsContext)
        tellOfFiles()
    }

    /// Counts sockets and look-ups, so that whoever is in the middle of reading or writing sees that this is another one.
    @exclusivity(unchecked) private(set) var generation: UInt64 = 0

    private func letGo(of descriptor: Int32?) {
        generation += 1
        if let descriptor { beforeLettingGo(descriptor) }
    }

    // MARK: Asking

    /// Queues what `encode` writes, one command or several, which stay together, also when they are sent again; it leaves
    /// with the next ``flush(now:)``.
    /// - Parameters:
    ///   - isWrite: whether it changes anything: it is then sent whole once at most.
    ///   - receiver: gets the reply, or the failure; that at once where Redis is known to be away.
    ///   - until: when to give it up, where that is earlier than for others.
    public func send(
        isWrite: Bool,
        to receiver: any ReplyReceiver,
        now: UInt64,
        until: UInt64 = .max,
        _ encode: (CommandEncoder) -> Void
    ) {
        guard lifecycle.acceptsCommands else { return receiver.fail(.away) }
        guard !isFull else { return receiver.fail(.overloaded) }
        if now >= roleDue { askRole(now) }
        let buffer = pool.take()
        encode(CommandEncoder(buffer))
        precondition(buffer.isWhole, "nothing to send, or no whole command")
        assert(buffer.isWellFormed, "other commands than were counted")
        enqueue(
            PendingCommand(
                buffer: buffer,
                commandCount: buffer.commandCount,
                receiver: receiver,
                isWrite: isWrite,
                deadline: min(until, now + responseTimeout)
            )
        )
    }

    private var isFull: Bool { queue.count >= Self.longestQueue || queuedBytes >= Self.mostQueuedBytes }

    /// Takes over a command that another link could not send.
    /// - Returns: false where it would fail here too.
    func adopt(_ command: PendingCommand) -> Bool {
        guard acceptsCommands else { return false }
        enqueue(command)
        return true
    }

    func enqueue(_ command: PendingCommand) {
        queuedBytes += command.buffer.count
        queue.append(command)
    }

    func dequeue() -> PendingCommand {
        let command = queue.removeFirst()
        queuedBytes -= command.buffer.count
        return command
    }

    /// Writes what is queued, connecting first where need be.
    /// - Returns: whether it has left commands for the next call, which sends them in any case: more are to be expected at once.
    ///   Whoever gets that looks for further requests first, and does not wait.
    @discardableResult
    public func flush(now: UInt64) -> Bool {
        if socket == nil, lookUp == nil, lifecycle.shouldConnect(now) { connect(now) }
        let wasHoldingBack = isHoldingBack
        isHoldingBack = false
        let unsent = unsentCount
        // Beside commands there are greetings, and what TLS holds.
        guard !isBlocked, unsent > 0 || usesTLS || handshake != nil, !isWorthGathering else { return false }
        if unsent < batchSize, !wasHoldingBack, isWorthALook {
            isHoldingBack = true
            return true
        }
        if unsent > 0 { batchSize = unsent }
        write(now)
        return false
    }

    /// Whether the last ``flush(now:)`` has left commands for the next one.
    @exclusivity(unchecked) private var isHoldingBack = false

    /// How many commands went together the last time.
    @exclusivity(unchecked) private var batchSize = 0

    /// Whether the commands that are queued are the first behind many that went together, and whose answers have just gone
    /// out: they would go alone, and all that follow at once would wait for their replies.
    private var isWorthALook: Bool { sentCommands == 0 && sentBytes == 0 && queue.count > 0 && isReady && gathers }

    /// Whether the commands that are queued should wait for the replies to those before them, which are on their way and
    /// come with an opportunity to flush: many commands then share a system call here and another in Redis, where a few
    /// would need both for themselves. An idle link sends at once.
    private var isWorthGathering: Bool {
        sentCommands > 0 && sentBytes == 0 && unsentCount < Self.smallestGathering && isReady && gathers
    }

    /// How many commands have not been written whole.
    var unsentCount: Int { queue.count - sentCommands }

    /// So many commands go without waiting.
    static let smallestGathering = 8

    /// Whether nothing comes on a connection that holds no write: it may be given up for another one. Only once, until
    /// something is answered again: a server that takes long is no dead one.
    public var mayBeDead: Bool { isSilent && !wasSilent && !queue.hasWrite(among: sentCommands + 1) }

    /// Whether a reply is on its way that others would wait behind on a slow line.
    public var isReceivingLarge: Bool { received.isLarge }

    /// Whether a reply is being delivered.
    @exclusivity(unchecked) public internal(set) var isDelivering = false

    /// Has another link send what this one could not, instead of failing it.
    public func handOver(to other: Link) { onUnsent = { [weak other] in other?.adopt($0) ?? false } }

    // MARK: Events

    /// Something happened on ``descriptor``.
    public func ready(readable: Bool, writable: Bool, now: UInt64) {
        guard socket != nil else { return resolved(now) }
        if !isOpen { open(isWritable: writable, now) }
        // With TLS a write can wait for bytes to come, and a read for room.
        if writable || usesTLS, isBlocked {
            isBlocked = false
            write(now, hadNoRoom: writable)
        }
        if readable || usesTLS { read(now) }
    }

    /// Time has passed: gives up what takes too long, and connects when it is time to.
    public func tick(now: UInt64) {
        if lifecycle.hasTimedOut(now) { connectingTakesTooLong(now) }
        if isAwaiting { examine(now) } else { failExpired(now) }
        if !holdsBack || !isReady { flush(now: now) }
    }

    /// Gives the connection up, and makes a new one. Where that happens again and again to young ones, it takes its time.
    public func drop(_ reason: RESPError, now: UInt64) {
        wasOfUse = false
        if reason == .silent { wasSilent = true }
        lose(reason, now)
    }

    /// Whether nobody waits for an answer.
    public var isIdle: Bool { queue.count == 0 }

    /// Gives the connection up for good: nobody must use the link after that. Who waits for an answer is failed.
    public func close() {
        onEvent = { _ in }
        resolution = nil
        lookUp = nil
        let sent = sentCommands
        closeSocket()
        for index in 0..<queue.count {
            let command = dequeue()
            command.receiver.fail(command.isWrite && index < sent ? .unanswered : .away)
        }
    }

    // MARK: The role

    /// Puts the question in front of what is sent next. So no reply that is delivered is staler than the pause between
    /// two questions.
    private func askRole(_ now: UInt64) {
        roleDue = now + Self.rolePause
        let buffer = pool.take()
        Handshake.askRole(dialect, CommandEncoder(buffer))
        enqueue(
            PendingCommand(
                buffer: buffer,
                commandCount: 1,
                receiver: roleReceiver,
                isWrite: false,
                deadline: now + responseTimeout
            )
        )
    }

    /// Nanoseconds from one question for the role to the next, on a link that is in use.
    static let rolePause: UInt64 = 1_000_000_000

    /// The server has said its role on a new connection.
    func knows(_ role: Role, _ now: UInt64) {
        roleDue = role == .unknown || takesReplicas ? .max : now + Self.rolePause
    }

    /// Gets what the server says of itself.
    private final class RoleReceiver: ReplyReceiver {
        private unowned let link: Link

        init(_ link: Link) { self.link = link }

        func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) {
            // It could say it at first; what keeps it from doing so may pass, so it is asked again.
            if reply.kind.isError { return }
            if reply.kind != .map, reply.kind != .array {
                link.lose(.protocolError("a reply that is none to its command"), link.movedAt)
            } else if Role(reply) == .replica, !link.takesReplicas {
                link.lose(.replica, link.movedAt)
            }
        }

        func fail(_ error: RESPError) {}
    }
}
