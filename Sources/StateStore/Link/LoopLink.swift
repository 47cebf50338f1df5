import DashboardState
import EventLoop
import RESP

/// A loop's connections to Redis: what the requests of one batch ask for leaves in one write.
///
/// Nearly all goes over one connection. Others are made when they are first needed. They take large documents, behind which
/// others would wait on a slow line; and what is asked while a large reply comes on the first, or nothing at all. Writes that
/// wait for replicas have connections of their own.
public final class LoopLink: Redis {
    private let main: Lane
    // Unchecked: a link is one loop's, and nothing calls back while this changes. Checks at run time cost a read 130
    // instructions.
    @exclusivity(unchecked) private var others: [Lane] = []
    /// Those for writes, where replicas are waited for: the first, and one for large documents.
    @exclusivity(unchecked) private var writers: [WriteLane] = []
    private let wait: ReplicaWait?
    private let troubles: RedisTroubles
    private let server: RedisServer
    private let loop: Loop
    private let log: LinkLog
    private var probe: Probe?
    /// Finds the master, where sentinels know it.
    private let finder: MasterFinder?

    /// Commands of more bytes than this do not go over the first connection.
    static let longestOnMain = 64 << 10
    /// Most connections beside the first.
    static let mostOthers = 3

    /// Makes a link, which connects when it is first flushed, or asked.
    /// - Parameters:
    ///   - troubles: told what becomes of the connections.
    ///   - wait: has writes wait for replicas.
    ///   - node: what to call the server in the log, where there are several.
    public init(
        _ server: RedisServer,
        loop: Loop,
        troubles: RedisTroubles,
        wait: ReplicaWait? = nil,
        node: String? = nil
    ) {
        self.server = server
        self.wait = wait
        self.troubles = troubles
        self.loop = loop
        log = LinkLog(troubles: troubles, node: node)
        finder = MasterFinder(server, loop, troubles)
        let link = Self.makeLink(server, finder)
        main = Lane(link, loop)
        link.onEvent = { [unowned self] in
            log.write($0)
            guard case .connected(let role) = $0 else { return onTrouble() }
            EvictionQuestion.ask(main.link, as: role, node, troubles, loop.now)
        }
        main.onTick = { [unowned self] in lookAfterMain() }
    }

    /// - Parameter wait: what answers may take longer than usual, in nanoseconds.
    static func makeLink(_ server: RedisServer, _ finder: MasterFinder? = nil, wait: UInt64 = 0) -> Link {
        let link: Link
        switch server.topology {
        case .single(let endpoint):
            link = Link(
                endpoint: endpoint,
                connectTimeout: server.timeout,
                responseTimeout: server.timeout + wait,
                tls: server.tls
            )
        case .sentinel(let topology):
            link = Link(
                seekingWith: topology.access,
                connectTimeout: server.timeout,
                responseTimeout: server.timeout + wait,
                tls: server.tls
            )
            finder?.lead(link)
        case .cluster: preconditionFailure("a cluster has links for each of its nodes")
        }
        link.readPassword = server.readPassword
        return link
    }

    /// Asks on the first connection, or on another where that one is no good for it.
    public func ask(
        _ route: Route,
        isWrite: Bool,
        length: Int,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        if isWrite, let wait { return writer(length, wait).ask(receiver, until: route.deadline, encode) }
        if length > Self.longestOnMain || main.link.isSilent || main.link.isReceivingLarge {
            return askBeside(route, isWrite, receiver, encode)
        }
        main.isTouched = true
        main.link.send(isWrite: isWrite, to: receiver, now: loop.now, until: route.deadline, encode)
    }

    private func askBeside(
        _ route: Route,
        _ isWrite: Bool,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        if main.link.isSilent { onTrouble() }
        let other = otherLane()
        let lane = other.link.acceptsCommands ? other : main
        lane.isTouched = true
        lane.link.send(isWrite: isWrite, to: receiver, now: loop.now, until: route.deadline, encode)
    }

    /// A connection beside the first, on which others wait as little as can be.
    private func otherLane() -> Lane {
        if let free = others.first(where: { !$0.link.isSilent && !$0.link.isReceivingLarge }) { return free }
        guard others.count < Self.mostOthers else { return others[0] }
        let link = Self.makeLink(server, finder)
        link.onEvent = { [log] in log.writeOfAnother($0) }
        link.handOver(to: main.link)
        let lane = Lane(link, loop)
        others.append(lane)
        return lane
    }

    /// Where replicas are waited for, the connection for a write of so many bytes: large ones hold up no others.
    private func writer(_ length: Int, _ wait: ReplicaWait) -> WriteLane {
        let isLarge = length > Self.longestOnMain
        if writers.isEmpty {
            writers.append(
                makeWriter(wait) { [unowned self] in
                    log.write($0)
                    if case .connected = $0 {} else { onTrouble() }
                }
            )
        }
        guard isLarge else { return writers[0] }
        if writers.count == 1 {
            writers.append(makeWriter(wait) { [log] in log.writeOfAnother($0) })
            writers[1].link.handOver(to: writers[0].link)
        }
        return writers[1].link.acceptsCommands ? writers[1] : writers[0]
    }

    private func makeWriter(_ wait: ReplicaWait, log: @escaping (Link.Event) -> Void) -> WriteLane {
        WriteLane(Self.makeLink(server, finder, wait: wait.time), wait, loop, troubles, log: log)
    }

    /// Whether writes are acknowledged only when replicas have them.
    public var waitsForReplicas: Bool { wait != nil }

    /// Keeps an answer that is being delivered until they have.
    public func hold(_ answer: any HeldAnswer) {
        guard let writer = writers.first(where: \.link.isDelivering) else {
            preconditionFailure("no write is being answered")
        }
        writer.hold(answer)
    }

    /// Monotonic time of the batch in hand, in nanoseconds.
    public var now: UInt64 { loop.now }

    /// Where a failure is the connection's, gives it up, and makes a new one.
    public func remedy(_ remedy: StoreFailure.Remedy) {
        guard let reason = RESPError(remedy) else { return }
        if let writer = writers.first(where: \.link.isDelivering) {
            return writer.link.drop(reason, now: Clock.monotonic())
        }
        let lane = others.first { $0.link.isDelivering } ?? main
        lane.isTouched = true
        lane.link.drop(reason, now: Clock.monotonic())
    }

    /// Sends what was asked since the last time. To be called before the loop waits.
    public func flush() {
        flushLanes()
        // What is found, or not, has something left to do for those who wait for it.
        if let finder, finder.flush() { flushLanes() }
    }

    // A call for each batch would be one more than one server needs.
    @inline(__always)
    private func flushLanes() {
        main.flush()
        for lane in others { lane.flush() }
        for writer in writers { writer.flush() }
    }

    // MARK: One of several

    /// Called where the server cannot be reached, is lost, or answers nothing for a while.
    var onTrouble: () -> Void = {}

    /// Sends what was asked since the last time, where anything was, or has happened. To be called before the loop waits.
    func flushIfTouched() {
        main.flushIfTouched()
        for lane in others { lane.flushIfTouched() }
        for writer in writers { writer.flush() }
    }

    /// Whether a question would be taken, and not fail at once.
    var acceptsCommands: Bool { main.link.acceptsCommands }

    /// Whether a reply is being delivered.
    var isDelivering: Bool {
        main.link.isDelivering || others.contains { $0.link.isDelivering }
            || writers.contains { $0.link.isDelivering }
    }

    /// Whether nobody waits for an answer.
    var isIdle: Bool { main.link.isIdle && others.allSatisfy(\.link.isIdle) && writers.allSatisfy(\.isIdle) }

    /// Lets go of all connections for good. Not while anything of them is being called.
    func close() {
        onTrouble = {}
        main.close()
        for lane in others { lane.close() }
        for writer in writers { writer.close() }
    }

    /// Where nothing comes on the first connection, looks whether the server answers on another: if so, the first is
    /// dead, cut by a firewall or a NAT that forgot it, and no use in waiting for.
    private func lookAfterMain() {
        guard main.link.mayBeDead, probe == nil else { return }
        let lane = otherLane()
        let probe = Probe { [unowned self] isAnswered in
            self.probe = nil
            // Where a write was sent, it is waited for: its outcome is worth the time.
            if isAnswered, main.link.mayBeDead {
                main.isTouched = true
                main.link.drop(.silent, now: Clock.monotonic())
            }
        }
        self.probe = probe
        lane.isTouched = true
        lane.link.send(isWrite: false, to: probe, now: loop.now) { StateCommands.ping($0) }
        lane.flush()
    }
}

/// Gets the answer to a question that only asks whether anybody answers.
private final class Probe: ReplyReceiver {
    private let onEnd: (_ isAnswered: Bool) -> Void

    init(onEnd: @escaping (Bool) -> Void) { self.onEnd = onEnd }

    func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) { onEnd(true) }

    func fail(_ error: RESPError) { onEnd(false) }
}
