import Glibc

/// A connection to one Redis server that heals itself, with implicit pipelining: commands that are asked for together
/// leave in one write, and replies come back in order.
///
/// It brings no event loop. Its owner watches ``descriptor``, calls ``ready(readable:writable:now:)`` when something
/// happens on it, ``tick(now:)`` when ``deadline`` has passed, and ``flush(now:)`` after asking. All on one thread;
/// all times are monotonic nanoseconds.
///
/// After a loss, repeatable commands that are not answered yet are sent again, in order. While Redis is known to be
/// away, new commands fail at once, and attempts to connect go on in the background.
public final class Link {
    /// What an operator wants to know.
    public enum StateChange: Sendable {
        /// Redis answers.
        case connected
        /// It did, and the connection is gone.
        case lost(RESPError)
        /// It could not be reached, or refuses to serve.
        case refused(RESPError)
    }

    /// Called when the link's state changes; not for every repeated failure, but for each different one.
    public var onStateChange: (StateChange) -> Void = { _ in }

    /// Counts sockets: a different number is a different descriptor, even where it looks the same.
    public var generation: UInt64 { sockets }
    /// The socket to watch; -1 while there is none.
    public var descriptor: Int32 { socket?.descriptor ?? -1 }
    /// Whether there is something left to write.
    public var wantsWrite: Bool { socket != nil && (!isOpen || isBlocked) }
    /// Whether Redis answers.
    public var isReady: Bool { if case .ready = state.phase { true } else { false } }
    /// When ``tick(now:)`` is due; `nil` if nothing is awaited.
    public var deadline: UInt64? {
        // Unanswered commands wait in the order of their deadlines.
        guard let command = queue.firstDeadline else { return state.deadline }
        return min(command, state.deadline ?? command)
    }

    /// Most commands that may wait for a reply.
    public static let longestQueue = 65536

    private let endpoint: Endpoint
    private let connectTimeout: UInt64
    private let responseTimeout: UInt64
    private var random = SystemRandomNumberGenerator()
    private var state = LinkState()
    private var socket: Socket?
    /// How many there have been.
    private var sockets: UInt64 = 0
    /// The socket has connected, and the handshake was begun.
    private var isOpen = false
    private var isBlocked = false
    private var handshake: Handshake?
    /// What of the handshake is not written yet.
    private var greeting = CommandBuffer()
    private var greetingSent = 0
    private let queue = CommandQueue()
    /// Commands at the front of the queue that are written whole, and bytes written of the one behind them.
    private var sentCommands = 0
    private var sentBytes = 0
    /// Replies that have come for the commands at the very front, where several belong together.
    private var repliesToFirst = 0
    private let received = ReceiveBuffer()
    private let pool = BufferPool()
    private var answered = UnsafeRawBufferPointer(start: nil, count: 0)
    private var lastFailure: RESPError?

    /// Makes a link, which connects at its first ``tick(now:)`` or ``flush(now:)``.
    /// - Parameters:
    ///   - connectTimeout: for a connection to become of use, in nanoseconds.
    ///   - responseTimeout: for a command to be answered, in nanoseconds.
    public init(endpoint: Endpoint, connectTimeout: UInt64, responseTimeout: UInt64) {
        self.endpoint = endpoint
        self.connectTimeout = connectTimeout
        self.responseTimeout = responseTimeout
    }

    // MARK: Asking

    /// Queues a command; it leaves with the next ``flush(now:)``.
    /// - Parameters:
    ///   - commandCount: how many commands `encode` writes: several stay together, also when they are sent again.
    ///   - isRepeatable: whether it may be carried out twice, should its reply be lost.
    ///   - receiver: gets the reply, or the failure; that at once where Redis is known to be away.
    public func send(
        commandCount: Int = 1,
        isRepeatable: Bool,
        to receiver: any ReplyReceiver,
        now: UInt64,
        _ encode: (CommandEncoder) -> Void
    ) {
        guard state.acceptsCommands else { return receiver.fail(.away) }
        guard queue.count < Self.longestQueue else { return receiver.fail(.overloaded) }
        let buffer = pool.take()
        encode(CommandEncoder(buffer))
        queue.append(
            PendingCommand(
                buffer: buffer,
                commandCount: commandCount,
                receiver: receiver,
                isRepeatable: isRepeatable,
                deadline: now + responseTimeout
            )
        )
    }

    /// Writes what is queued, connecting first where need be.
    public func flush(now: UInt64) {
        if socket == nil, state.shouldConnect(now) { connect(now) }
        guard !isBlocked, !isWorthGathering else { return }
        write(now)
    }

    /// Whether the commands that are queued should wait for the replies to those before them, which are on their way and
    /// come with an opportunity to flush: many commands then share a system call here and another in Redis, where a few
    /// would need both for themselves. An idle link sends at once.
    private var isWorthGathering: Bool {
        isReady && sentCommands > 0 && sentBytes == 0 && unsentCount < Self.smallestGathering
    }

    /// How many commands have not been written whole.
    var unsentCount: Int { queue.count - sentCommands }

    /// So many commands go without waiting.
    static let smallestGathering = 8

    /// The bytes of the command whose reply is being delivered.
    public var answeredCommand: UnsafeRawBufferPointer { answered }

    // MARK: Events

    /// Something happened on ``descriptor``.
    public func ready(readable: Bool, writable: Bool, now: UInt64) {
        if !isOpen, writable {
            if let reason = socket?.connectError() { return lose(.cannotConnect(reason), now) }
            greet(now)
        }
        if writable, isBlocked {
            isBlocked = false
            write(now)
        }
        if readable { read(now) }
    }

    /// Time has passed: gives up what takes too long, and connects when it is time to.
    public func tick(now: UInt64) {
        if state.hasTimedOut(now) { lose(.timedOut, now) }
        if let deadline = queue.firstDeadline, deadline <= now {
            // The reply may still come, and would then be taken for the next command's.
            if isOpen, isReady { lose(.timedOut, now) } else { failExpired(now) }
        }
        flush(now: now)
    }

    /// Gives the connection up, and makes a new one.
    public func drop(_ reason: RESPError, now: UInt64) { lose(reason, now) }

    // MARK: Connecting

    private func connect(_ now: UInt64) {
        state.began(until: now + connectTimeout)
        do throws(RESPError) {
            socket = try Socket(connectingTo: endpoint.address)
            sockets += 1
        } catch { lose(error, now) }
    }

    private func greet(_ now: UInt64) {
        isOpen = true
        let handshake = Handshake(endpoint)
        self.handshake = handshake
        writeGreeting(handshake)
        write(now)
    }

    private func writeGreeting(_ handshake: Handshake) {
        greeting.removeAll()
        greetingSent = 0
        handshake.encode(CommandEncoder(greeting))
    }

    private func receiveGreeting(_ reply: Reply, _ now: UInt64) {
        guard var handshake else { return }
        let step = handshake.receive(reply)
        self.handshake = handshake
        switch step {
        case .waiting: break
        case .again:
            writeGreeting(handshake)
            write(now)
        case .done:
            self.handshake = nil
            state.succeeded(now)
            lastFailure = nil
            onStateChange(.connected)
            write(now)
        case .refused(let code): lose(.refused(code: code), now)
        }
    }

    // MARK: Losing

    private func lose(_ reason: RESPError, _ now: UInt64) {
        let wasReady = isReady
        socket = nil
        isOpen = false
        isBlocked = false
        handshake = nil
        sentBytes = 0
        repliesToFirst = 0
        received.forget()
        let isAway = state.lost(now: now, using: &random)
        // The same failure again and again is told once.
        if wasReady { onStateChange(.lost(reason)) } else if lastFailure != reason { onStateChange(.refused(reason)) }
        lastFailure = reason
        requeue(reason, now, keepsRepeatable: !isAway)
    }

    /// Sorts out the queue after a loss: what may be repeated stays, in order.
    private func requeue(_ reason: RESPError, _ now: UInt64, keepsRepeatable: Bool) {
        var failed: [PendingCommand] = []
        var kept: [PendingCommand] = []
        let sent = sentCommands
        for index in 0..<queue.count {
            let command = queue.removeFirst()
            let mayStay = keepsRepeatable && command.deadline > now && (command.isRepeatable || index >= sent)
            if mayStay { kept.append(command) } else { failed.append(command) }
        }
        sentCommands = 0
        for command in kept { queue.append(command) }
        for command in failed {
            command.receiver.fail(command.deadline <= now ? .timedOut : reason)
            pool.give(command.buffer)
        }
    }

    private func failExpired(_ now: UInt64) {
        while let deadline = queue.firstDeadline, deadline <= now {
            let command = queue.removeFirst()
            command.receiver.fail(.timedOut)
            pool.give(command.buffer)
        }
    }

    // MARK: Writing

    private static let mostVectors = 64

    private func write(_ now: UInt64) {
        while isOpen, !isBlocked {
            let transfer = withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.mostVectors) { vectors in
                let count = fill(vectors)
                return count == 0 ? nil : socket?.send(UnsafeMutableBufferPointer(rebasing: vectors[..<count]))
            }
            switch transfer {
            case nil: return
            case .moved(let count): written(count)
            case .wouldBlock: isBlocked = true
            case .closed(let reason): return lose(.connectionLost(reason), now)
            }
        }
    }

    /// Lays out what is to be written next.
    private func fill(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
        guard handshake == nil else {
            let rest = greeting.memory[greetingSent..<greeting.count]
            guard !rest.isEmpty else { return 0 }
            vectors[0] = iovec(iov_base: rest.base.baseAddress! + greetingSent, iov_len: rest.count)
            return 1
        }
        let count = min(vectors.count, queue.count - sentCommands)
        for index in 0..<count {
            let bytes = queue.bytes(at: sentCommands + index)
            let skipped = index == 0 ? sentBytes : 0
            vectors[index] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + skipped),
                iov_len: bytes.count - skipped
            )
        }
        return count
    }

    private func written(_ count: Int) {
        guard handshake == nil else {
            greetingSent += count
            return
        }
        var left = count
        while left > 0 {
            let rest = queue.bytes(at: sentCommands).count - sentBytes
            guard left >= rest else {
                sentBytes += left
                return
            }
            left -= rest
            sentBytes = 0
            sentCommands += 1
        }
    }

    // MARK: Reading

    private func read(_ now: UInt64) {
        let generation = sockets
        while isOpen, generation == sockets, let transfer = socket?.receive(into: received.room) {
            switch transfer {
            case .moved(let count):
                let hadMoreRoom = count < received.room.count
                received.added(count)
                deliver(now)
                // Less than there was room for: nothing is left to read.
                if hadMoreRoom { return }
            case .wouldBlock: return
            case .closed(let reason): return lose(.connectionLost(reason), now)
            }
        }
    }

    private func deliver(_ now: UInt64) {
        do throws(RESPError) {
            while isOpen, !received.bytes.isEmpty {
                switch try ReplyParser.parse(received.bytes) {
                case .incomplete(let minimum): return received.reserve(minimum)
                case .complete(let reply, let length):
                    guard try deliver(reply, now) else { return }
                    received.consume(length)
                }
            }
        } catch { lose(error, now) }
    }

    /// - Returns: false if the connection was given up over it.
    private func deliver(_ reply: Reply, _ now: UInt64) throws(RESPError) -> Bool {
        let generation = sockets
        if reply.kind == .push { return true }
        guard handshake == nil else {
            receiveGreeting(reply, now)
            return isOpen && generation == sockets
        }
        let index = repliesToFirst
        let expected = queue.firstCommandCount
        // The first of several may be answered before the last is sent.
        guard expected > 0, sentCommands > 0 || sentBytes > 0 && index + 1 < expected else {
            throw .protocolError("a reply that nobody asked for")
        }
        if index + 1 < expected {
            repliesToFirst += 1
            queue.firstReceiver.receive(reply, index)
        } else {
            repliesToFirst = 0
            sentCommands -= 1
            let command = queue.removeFirst()
            answered = command.buffer.bytes
            command.receiver.receive(reply, index)
            answered = UnsafeRawBufferPointer(start: nil, count: 0)
            pool.give(command.buffer)
        }
        return isOpen && generation == sockets
    }
}
