import DashboardState
import RESP

/// Connects to the servers that the service would use, one after the other, and finds what they lack. Blocks, for a few times
/// the time-out of each server at most, and changes nothing that is stored.
public struct RedisCheck {
    private let server: RedisServer
    private let prefix: String
    private let wait: ReplicaWait?
    private var found: [Finding] = []

    /// Checks servers.
    /// - Parameter wait: how writes wait for replicas.
    public static func run(_ server: RedisServer, _ settings: StoreSettings, wait: ReplicaWait?) -> [Finding] {
        let prefix = String(decoding: settings.keyPrefix, as: UTF8.self)
        var check = RedisCheck(server: server, prefix: prefix, wait: wait)
        switch server.topology {
        case .single(let endpoint): _ = check.look(at: endpoint, .master)
        case .sentinel(let topology): check.look(at: topology)
        case .cluster(let topology): check.look(at: topology)
        }
        return check.found
    }

    private init(server: RedisServer, prefix: String, wait: ReplicaWait?) {
        self.server = server
        self.prefix = prefix
        self.wait = wait
    }

    /// What a server is for.
    private enum Part {
        case master
        case replica
        case clusterMaster
        case clusterReplica

        var isMaster: Bool { self == .master || self == .clusterMaster }
        var isInCluster: Bool { self == .clusterMaster || self == .clusterReplica }
    }

    private mutating func add(_ level: Finding.Level, _ node: String, _ code: String, _ sentence: String) {
        found.append(Finding(level, node, code, sentence))
    }

    // MARK: One server

    /// - Returns: what it says of itself; `nil` where nothing.
    /// - Parameter slots: those that it serves in a cluster.
    private mutating func look(at endpoint: Endpoint, _ part: Part, slots: [ClosedRange<Int>] = []) -> ServerFacts? {
        let node = endpoint.description
        let inquiry = Inquiry(endpoint, server, readPassword: server.readPassword, takesReplicas: !part.isMaster)
        let replies = inquiry.ask([["HELLO", "3"], ["INFO"]])
        if let failure = replies[0].failure {
            add(part.isMaster ? .error : .warning, node, "unreachable", "it cannot be used: \(failure)")
            return nil
        }
        lookAtVersion(replies[0], node)
        var random = SystemRandomNumberGenerator()
        var tag: [UInt8] = []
        EntityTag(using: &random).append(to: &tag)
        let rights = RightsCheck(
            prefix: prefix,
            tag: String(decoding: tag, as: UTF8.self),
            wait: wait,
            isCluster: part.isInCluster,
            slots: slots
        )
        let answers = inquiry.ask(rights.commands.map(\.words))
        if let failure = answers.lazy.compactMap(\.failure).first {
            add(part.isMaster ? .error : .warning, node, "unreachable", "it stopped answering: \(failure)")
        }
        // A replica may be the master soon, and needs the same rights. That it takes no writes is in its nature.
        found += rights.findings(answers, node, prefix: prefix).filter { part.isMaster || $0.code != "refuses-writes" }
        guard let text = replies[1].text else {
            let what = "eviction policy, persistence, memory and replicas"
            let isRefused = replies[1].error?.code == .noPermission
            let reason = isRefused ? "the user has no right to INFO" : "it does not answer INFO"
            add(.note, node, "cannot-be-told", "\(what) cannot be told: \(reason)")
            return nil
        }
        let facts = ServerFacts(text)
        add(.note, node, "reachable", facts.summary(isMaster: part.isMaster))
        found += facts.findings(node, isMaster: part.isMaster, wait: wait)
        return facts
    }

    private mutating func lookAtVersion(_ hello: CheckReply, _ node: String) {
        guard let text = hello["version"]?.text, let version = ServerVersion(text) else {
            add(.note, node, "cannot-be-told", "its version cannot be told: it does not know HELLO, as some proxies")
            return
        }
        guard !version.isSupported else { return }
        add(.error, node, "version", "it is version \(text): Redis 6.2 or newer is needed")
    }

    // MARK: Sentinels

    private mutating func look(at topology: SentinelTopology) {
        var named: [(seed: Endpoint.Address, master: Endpoint.Address)] = []
        for seed in topology.seeds {
            if let address = master(of: topology, at: seed) { named.append((seed, address)) }
        }
        let masters = named.reduce(into: [Endpoint.Address: Int]()) { $0[$1.master, default: 0] += 1 }
        guard let (address, votes) = masters.max(by: { $0.value < $1.value }) else {
            add(.error, topology.description, "no-master", "no sentinel says who the master is")
            return
        }
        if votes * 2 <= topology.seeds.count {
            let sentence = "\(votes) of \(topology.seeds.count) sentinels name the same master, which is no majority"
            add(.error, topology.description, "no-majority", sentence)
        }
        for (seed, other) in named where other != address {
            let others = "\(votes) of \(topology.seeds.count) sentinels name \(address)"
            let sentence = "it names \(other) as master, and \(others)"
            add(.warning, "sentinel \(seed)", "other-master", sentence)
        }
        let facts = look(at: Endpoint(address, topology.access), .master)
        for replica in facts?.replicas ?? [] {
            _ = look(at: Endpoint(.tcp(host: replica.host, port: replica.port), topology.access), .replica)
        }
    }

    /// Whom a sentinel names.
    private mutating func master(of topology: SentinelTopology, at seed: Endpoint.Address) -> Endpoint.Address? {
        var access = Access(usesTLS: server.usesTLS)
        access.username = server.sentinelAccount.username
        access.password = server.sentinelAccount.password
        let endpoint = Endpoint(seed, access)
        let node = "sentinel \(seed)"
        let inquiry = Inquiry(endpoint, server, readPassword: server.sentinelAccount.readPassword, takesReplicas: true)
        let replies = inquiry.ask([
            ["SENTINEL", "MASTER", topology.masterName], ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", topology.masterName],
            ["SUBSCRIBE", "+switch-master"],
        ])
        if let failure = replies[0].failure {
            add(.warning, node, "unreachable", "it cannot be used: \(failure)")
            return nil
        }
        for (right, reply) in zip(["sentinel|master", "sentinel|get-master-addr-by-name"], replies)
        where reply.error?.code == .noPermission {
            add(.error, node, "rights", "the sentinel's user lacks rights: +\(right)")
        }
        if replies[2].error?.code == .noPermission {
            let lack = "the sentinel's user lacks +subscribe or &+switch-master"
            let sentence = "\(lack): failovers are noticed up to a second later"
            add(.warning, node, "rights", sentence)
        }
        let words = replies[1].list.compactMap(\.text)
        guard words.count == 2, let port = UInt16(words[1]) else {
            if replies[1].error?.code != .noPermission {
                add(.error, node, "no-master", "it watches no master of the name \(topology.masterName)")
            }
            return nil
        }
        return .tcp(host: words[0], port: port)
    }

    // MARK: Clusters

    private mutating func look(at topology: ClusterTopology) {
        var slots: [CheckReply]?
        var seedHost = ""
        for seed in topology.seeds {
            let endpoint = Endpoint(seed, topology.access)
            let inquiry = Inquiry(endpoint, server, readPassword: server.readPassword, takesReplicas: true)
            let reply = inquiry.ask([["CLUSTER", "SLOTS"]])[0]
            if let failure = reply.failure {
                add(.warning, endpoint.description, "unreachable", "it cannot be used: \(failure)")
            } else if let error = reply.error {
                let sentence =
                    error.code == .noPermission
                    ? "the ACL user lacks rights: +cluster|slots"
                    : "it is no node of a cluster: it refuses CLUSTER SLOTS"
                add(.error, endpoint.description, error.code == .noPermission ? "rights" : "no-cluster", sentence)
            } else if slots == nil {
                slots = reply.list
                if case .tcp(let host, _) = seed { seedHost = host }
            }
        }
        guard let slots else { return add(.error, topology.description, "no-map", "no node says where the slots lie") }
        lookAtNodes(slots, seedHost, topology)
    }

    private mutating func lookAtNodes(_ slots: [CheckReply], _ seedHost: String, _ topology: ClusterTopology) {
        var covered = 0
        var nodes: [(address: Endpoint.Address, part: Part, slots: [ClosedRange<Int>])] = []
        for range in slots.map(\.list) where range.count > 2 {
            guard let first = range[0].number, let last = range[1].number,
                0 <= first, first <= last, last < HashSlot.count
            else { continue }
            covered += last - first + 1
            for (place, node) in range.dropFirst(2).enumerated() {
                guard let port = node.list.dropFirst().first?.number.flatMap({ UInt16(exactly: $0) }) else { continue }
                let host = node.list.first?.text.flatMap { $0.isEmpty ? nil : $0 } ?? seedHost
                let address = Endpoint.Address.tcp(host: host, port: port)
                if let known = nodes.firstIndex(where: { $0.address == address }) {
                    nodes[known].slots.append(first...last)
                } else {
                    nodes.append((address, place == 0 ? .clusterMaster : .clusterReplica, [first...last]))
                }
            }
        }
        for node in nodes { _ = look(at: Endpoint(node.address, topology.access), node.part, slots: node.slots) }
        if covered < HashSlot.count {
            let sentence = "\(HashSlot.count - covered) of \(HashSlot.count) slots are served by nobody"
            add(.error, topology.description, "slots", sentence)
        }
        lookForOpenSlots(nodes.filter { $0.part == .clusterMaster }.map { Endpoint($0.address, topology.access) })
    }

    private mutating func lookForOpenSlots(_ masters: [Endpoint]) {
        var (open, blind) = openSlots(masters)
        if let node = blind.first {
            let sentence = "slots on their way cannot be told: the user has no right to CLUSTER NODES"
            add(.note, node, "cannot-be-told", sentence)
        }
        guard !open.allSatisfy({ $0.slots.leaving.isEmpty && $0.slots.coming.isEmpty }) else { return }
        let before = OpenSlots.Breaks(open.map(\.slots))
        (open, _) = openSlots(masters)
        let breaks = OpenSlots.Breaks(open.map(\.slots)).lasting(since: before)
        for (node, slots) in open { found += slots.findings(node, breaks) }
    }

    /// What each of those that answer tells, and those that may not.
    private func openSlots(_ masters: [Endpoint]) -> (told: [(node: String, slots: OpenSlots)], refused: [String]) {
        var told: [(node: String, slots: OpenSlots)] = []
        var refused: [String] = []
        for master in masters {
            let inquiry = Inquiry(master, server, readPassword: server.readPassword, takesReplicas: false)
            let reply = inquiry.ask([["CLUSTER", "NODES"]])[0]
            if let text = reply.text { told.append((master.description, OpenSlots(text))) }
            if reply.error?.code == .noPermission { refused.append(master.description) }
        }
        return (told, refused)
    }
}
