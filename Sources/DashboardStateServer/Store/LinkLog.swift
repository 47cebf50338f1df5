import Logging
import RESP

/// Tells operators how the connections to Redis do.
struct LinkLog {
    let logger: Logger
    let troubles: RedisTroubles

    func write(_ change: Link.StateChange) {
        switch change {
        case .connected(let role):
            troubles.connected()
            logger.notice("connected to Redis")
            if role == .unknown {
                troubles.tell("the server at Redis's address does not say whether it is a master: it counts as one")
            }
        case .lost(let reason): logger.warning("connection to Redis lost", metadata: ["reason": "\(reason)"])
        case .refused(let reason): troubles.cannotBeUsed(reason)
        }
    }
}
