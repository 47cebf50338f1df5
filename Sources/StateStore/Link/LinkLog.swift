import RESP

/// Tells operators how the connections to Redis do.
struct LinkLog {
    let troubles: RedisTroubles
    /// What to call the server, where there are several.
    private let node: String?
    private let presence: RedisCounts.Presence

    init(troubles: RedisTroubles, node: String?) {
        self.troubles = troubles
        self.node = node
        presence = RedisCounts.Presence(troubles.counts)
    }

    /// The connection over which nearly all goes.
    func write(_ change: Link.Event) {
        count(change, isMain: true)
        switch change {
        case .connected: presence.isUp = true
        case .lost, .refused: presence.isUp = false
        case .unusableFiles: break
        }
        switch change {
        case .connected(let role):
            troubles.connected(node)
            if role == .unknown {
                troubles.tell(
                    .warning,
                    "the server at Redis's address does not say whether it is a master: it counts as one"
                )
            }
        case .lost(let reason): troubles.lost(reason, node)
        case .refused(let reason): troubles.cannotBeUsed(reason, node)
        case .unusableFiles(let reason): troubles.filesCannotBeUsed(reason)
        }
    }

    /// One that is made beside it: all works without it, if less well.
    func writeOfAnother(_ change: Link.Event) {
        count(change, isMain: false)
        switch change {
        case .connected: break
        case .unusableFiles(let reason): troubles.filesCannotBeUsed(reason)
        case .lost(let reason): troubles.lost(reason, node)
        case .refused(let reason):
            troubles.tell(.warning, "no further connection to Redis, so all goes over one", ["reason": "\(reason)"])
        }
    }

    private func count(_ change: Link.Event, isMain: Bool) {
        switch change {
        case .connected(let role): troubles.counts.connected(as: role, isMain: isMain)
        case .lost(let reason): troubles.counts.lost(reason, isMain: isMain)
        case .refused(let reason): troubles.counts.refused(reason, isMain: isMain)
        case .unusableFiles: break
        }
    }
}
