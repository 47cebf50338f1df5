import Logging
import RESP

/// Tells operators how the connection to Redis does.
enum LinkLog {
    static func write(_ change: Link.StateChange, _ logger: Logger) {
        switch change {
        case .connected: logger.notice("connected to Redis")
        case .lost(let reason): logger.warning("connection to Redis lost", metadata: ["reason": "\(reason)"])
        case .refused(let reason): logger.error("Redis cannot be used", metadata: ["reason": "\(reason)"])
        }
    }
}
