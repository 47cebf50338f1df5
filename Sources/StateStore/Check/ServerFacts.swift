/// What a server says of itself in `INFO`.
struct ServerFacts: Equatable {
    private var values: [Substring: Substring] = [:]

    init(_ info: String) {
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
    }

    subscript(name: Substring) -> String? { values[name].map(String.init) }

    func number(_ name: Substring) -> Int? { values[name].flatMap { Int($0) } }

    /// Its replicas, as `ip=…,port=…,state=…`.
    var replicas: [(host: String, port: UInt16, isOnline: Bool)] {
        values.filter { $0.key.hasPrefix("slave") && $0.value.hasPrefix("ip=") }.sorted { $0.key < $1.key }.compactMap {
            var parts: [Substring: Substring] = [:]
            for pair in $0.value.split(separator: ",") {
                let words = pair.split(separator: "=", maxSplits: 1)
                if words.count == 2 { parts[words[0]] = words[1] }
            }
            guard let host = parts["ip"], let port = parts["port"].flatMap({ UInt16($0) }) else { return nil }
            return (String(host), port, parts["state"] == "online")
        }
    }

    /// What it keeps and loses, in findings about `node`.
    func findings(_ node: String, isMaster: Bool, wait: ReplicaWait?) -> [Finding] {
        var found: [Finding] = []
        if let eviction { found.append(Finding(.warning, node, "eviction-policy", eviction)) }
        found += persistence(node) + memory(node)
        guard isMaster else {
            if self["master_link_status"] == "down" {
                let sentence = "the replica is not in touch with its master"
                found.append(Finding(.warning, node, "replica-without-master", sentence))
            }
            return found
        }
        let online = replicas.filter(\.isOnline).count
        if let wait, online < wait.replicas {
            let sentence =
                "REDIS_WAIT_REPLICAS is \(wait.replicas), and \(online) replicas follow: writes are answered outcome-unknown"
            found.append(Finding(.error, node, "too-few-replicas", sentence))
        }
        return found
    }

    /// That it drops states to make room, in words; `nil` where it does not, or does not say.
    var eviction: String? {
        guard let policy = self["maxmemory_policy"], policy != "noeviction" else { return nil }
        return "maxmemory-policy is \(policy): it may drop states, as all have a time to live. Set noeviction"
    }

    private func persistence(_ node: String) -> [Finding] {
        var found: [Finding] = []
        if self["aof_enabled"] == "0" {
            let sentence = "no append-only file: what the last snapshot has not goes when it ends. Set appendonly yes"
            found.append(Finding(.warning, node, "no-append-only-file", sentence))
        }
        if let status = self["aof_last_write_status"], status != "ok" {
            found.append(Finding(.error, node, "append-only-file", "it cannot write its append-only file: see its log"))
        }
        if let status = self["rdb_last_bgsave_status"], status != "ok" {
            let sentence = "its last snapshot failed: see its log, and whether its disk is full"
            found.append(Finding(.warning, node, "snapshot", sentence))
        }
        return found
    }

    private func memory(_ node: String) -> [Finding] {
        guard let limit = number("maxmemory"), let used = number("used_memory") else { return [] }
        guard limit > 0 else {
            let sentence = "no maxmemory: it takes what the machine has, and the kernel ends it when that is all"
            return [Finding(.note, node, "no-memory-limit", sentence)]
        }
        guard used >= limit / 10 * 9 else { return [] }
        let sentence = "\(used) of \(limit) bytes of memory are in use: saves are answered 507 when they all are"
        return [Finding(.warning, node, "memory", sentence)]
    }

    /// What a server is, in words.
    func summary(isMaster: Bool) -> String {
        let replicas = isMaster ? ", \(replicas.filter(\.isOnline).count) replicas" : ""
        let limit = number("maxmemory").flatMap { $0 > 0 ? " of \($0)" : nil } ?? ""
        return "\(isMaster ? "master" : "replica")\(replicas), \(number("used_memory") ?? 0)\(limit) bytes in use"
    }
}
