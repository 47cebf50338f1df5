import DashboardState
import EventLoop
import RESP

/// A loop's connections to a Redis Cluster: for each master that is asked what ``LoopLink`` is for a server alone.
///
/// A question goes to the master of its key's slot, by the map that one of the nodes has told. Until there is a map it
/// waits: to ask any node instead would take as many connections and round trips in all cases but the one in which that
/// node happens to be the right one, and that node may be a replica. A node that does not serve the slot says who does,
/// and shows so that the map is out of date: it is asked for again, beside all else, and at most every quarter of a second.
public final class ClusterLink: Redis {
    /// A question that waits for the map.
    private struct Held {
        var commands: EncodedCommands
        var route: Route
        var isWrite: Bool
        var length: Int
        var receiver: any ReplyReceiver
    }

    /// Whether writes are acknowledged only when replicas have them.
    public let waitsForReplicas: Bool
    private let server: RedisServer
    private let loop: Loop
    private let log: ClusterLog
    let nodes: ClusterNodes
    private var refresh: MapRefresh
    private var hasMap = false
    // Unchecked like those of other links.
    @exclusivity(unchecked) private var question: MapQuestion?
    /// Questions that are over, until nothing of them is being called.
    private var spent: [MapQuestion] = []
    private var held: [Held] = []
    private var heldBytes = 0
    /// Why nodes did not tell the map, in the round that is under way.
    private var failures: [(RESPError, Endpoint.Address)] = []
    @exclusivity(unchecked) private var isDue = true
    private var timer: LoopTimer?

    /// Makes links, which connect when they are first flushed, or asked.
    /// - Parameters:
    ///   - seeds: nodes that are known from the start.
    ///   - troubles: told what becomes of the connections.
    ///   - wait: has writes wait for replicas.
    init(
        _ server: RedisServer,
        seeds: [Endpoint.Address],
        loop: Loop,
        troubles: RedisTroubles,
        wait: ReplicaWait?
    ) {
        self.server = server
        waitsForReplicas = wait != nil
        self.loop = loop
        log = ClusterLog(troubles: troubles)
        refresh = MapRefresh(seeds: seeds, timeout: server.timeout, turn: Int.random(in: 0..<1 << 20))
        nodes = ClusterNodes { address in
            LoopLink(server.node(at: address), loop: loop, troubles: troubles, wait: wait, node: "\(address)")
        }
        timer = loop.makeTimer { [unowned self] in isDue = true }
        nodes.onTrouble = { [unowned self] in want() }
    }

    /// Monotonic time of the batch in hand, in nanoseconds.
    public var now: UInt64 { loop.now }

    /// They are.
    public var hasSlots: Bool { true }

    /// The way to a slot, from now on for as long as an answer may take.
    public func route(to slot: HashSlot) -> Route {
        Route(deadline: loop.now + server.timeout, slot: slot.number)
    }

    /// Asks the slot's master, or the node that gets the slot.
    public func ask(
        _ route: Route,
        isWrite: Bool,
        length: Int,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        let place = route.isAsking ? route.node : nodes.owner(route.slot)
        guard place != ClusterNodes.nobody, let link = nodes.links[Int(place)] else {
            return askNobody(route, isWrite, length, receiver, encode)
        }
        if !link.acceptsCommands { want() }
        link.ask(route, isWrite: isWrite, length: length, receiver, encode)
    }

    /// Sends a question on.
    public func redirect(_ error: Reply, _ route: Route) -> Redirection? {
        want()
        guard var next = route.next(loop.now) else { return nil }
        if ServerError(error).code == .tryAgain { return .apart(next) }
        guard let redirect = Redirect(error), let place = place(of: redirect) else { return nil }
        switch redirect.kind {
        case .moved:
            nodes.move(redirect.slot, to: place)
            return .elsewhere(next)
        case .ask:
            next.isAsking = true
            next.node = place
            return .asking(next)
        }
    }

    private func place(of redirect: Redirect) -> UInt16? {
        if let host = redirect.host { return nodes.place(of: .tcp(host: host, port: redirect.port)) }
        guard case .tcp(let host, _) = nodes.delivering else { return nil }
        return nodes.place(of: .tcp(host: host, port: redirect.port))
    }

    /// Where a failure is a connection's, gives that up, and makes a new one.
    public func remedy(_ remedy: StoreFailure.Remedy) {
        guard remedy != .none else { return }
        want()
        nodes.deliveringLink?.remedy(remedy)
    }

    /// Keeps an answer that is being delivered until replicas of its node have what it is about.
    public func hold(_ answer: any HeldAnswer) {
        guard let link = nodes.deliveringLink else { preconditionFailure("no write is being answered") }
        link.hold(answer)
    }

    /// Sends what was asked since the last time, one write a node. To be called before the loop waits.
    public func flush() {
        if isDue { lookAfterMap() }
        question?.flush()
        nodes.flush()
    }

    /// Who serves what of the keys.
    public var shares: [KeyShare] {
        nodes.shares.map { KeyShare(slots: $0, isServed: true) }
            + (hasMap && !nodes.uncovered.isEmpty ? [KeyShare(slots: nodes.uncovered, isServed: false)] : [])
    }

    // MARK: The map

    private func want() {
        refresh.want()
        isDue = true
    }

    /// Asks for the map where that is due, and gives up what has taken too long.
    private func lookAfterMap() {
        isDue = false
        let now = loop.now
        if refresh.hasTimedOut(now) { end(.failure(.timedOut)) }
        if case .ask(let address) = refresh.next(now) {
            question = MapQuestion(server.node(at: address), at: address, loop) { [unowned self] in end($0) }
        }
        for question in spent { question.close() }
        spent = []
        failExpired(now)
        timer?.deadline = [refresh.deadline, held.map(\.route.deadline).min()].compactMap { $0 }.min()
    }

    /// A node has told the map, or has not.
    private func end(_ result: Result<SlotMap, RESPError>) {
        guard let question else { return }
        spent.append(question)
        self.question = nil
        isDue = true
        switch result {
        case .success(let map):
            refresh.succeeded(map.masters + map.replicas, loop.now)
            failures = []
            nodes.take(map)
            log.found(map, isFirst: !hasMap)
            hasMap = true
            for held in takeHeld() {
                ask(held.route, isWrite: held.isWrite, length: held.length, held.receiver, held.commands.write)
            }
        case .failure(let reason):
            failures.append((reason, question.asked))
            guard refresh.failed(loop.now) else { return }
            log.nobodyAnswers(failures)
            failures = []
            for held in takeHeld() { held.receiver.fail(.away) }
        }
    }

    // MARK: Waiting for the map

    private func askNobody(
        _ route: Route,
        _ isWrite: Bool,
        _ length: Int,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        want()
        guard !hasMap, !refresh.isAway else { return receiver.fail(.away) }
        let commands = EncodedCommands(encode)
        guard held.count < Link.longestQueue, heldBytes + commands.length <= Link.mostQueuedBytes else {
            return receiver.fail(.overloaded)
        }
        heldBytes += commands.length
        held.append(Held(commands: commands, route: route, isWrite: isWrite, length: length, receiver: receiver))
    }

    private func takeHeld() -> [Held] {
        defer { held = [] }
        heldBytes = 0
        return held
    }

    private func failExpired(_ now: UInt64) {
        guard held.contains(where: { $0.route.deadline <= now }) else { return }
        let all = takeHeld()
        for question in all where question.route.deadline > now {
            heldBytes += question.commands.length
            held.append(question)
        }
        for question in all where question.route.deadline <= now { question.receiver.fail(.timedOut) }
    }
}
