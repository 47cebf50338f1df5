import RESP

/// Tells operators how a cluster does, beside what is told of its nodes.
struct ClusterLog {
    let troubles: RedisTroubles

    /// A node has told who serves which slot.
    func found(_ map: SlotMap, isFirst: Bool) {
        if isFirst { troubles.tell(.notice, "found the cluster", ["masters": "\(map.masters.count)"]) }
        let uncovered = map.uncovered
        guard !uncovered.isEmpty else { return }
        troubles.tell(.error, "no master of the cluster serves some slots", ["slots": "\(KeyShare.text(uncovered))"])
    }

    /// No node has told it, each for a reason of its own.
    func nobodyAnswers(_ failures: [(reason: RESPError, node: Endpoint.Address)]) {
        for (reason, node) in failures { troubles.cannotBeUsed(reason, "\(node)") }
    }
}
