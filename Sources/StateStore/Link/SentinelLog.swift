import Logging
import RESP

/// Tells operators how the sentinels do. As long as enough of them are well, all works.
struct SentinelLog {
    private let troubles: RedisTroubles
    private let masterName: String

    init(_ troubles: RedisTroubles, _ masterName: String) {
        self.troubles = troubles
        self.masterName = masterName
    }

    func write(_ event: Link.Event, of sentinel: Endpoint.Address) {
        switch event {
        case .connected: break
        case .unusableFiles(let reason): troubles.filesCannotBeUsed(reason)
        case .lost(let reason), .refused(let reason):
            tell("a sentinel cannot be asked", sentinel, ["reason": "\(Self.words(reason))"])
        }
    }

    func write(_ statement: SentinelStatement, of sentinel: Endpoint.Address) {
        switch statement {
        // The connection tells of it.
        case .names, .isAway: break
        case .knowsNoSuchMaster:
            tell("a sentinel watches no master of the name in REDIS_URL", sentinel, ["master": "\(masterName)"])
        case .refuses(.noPermission):
            let rights = "+sentinel|master +sentinel|get-master-addr-by-name"
            tell("a sentinel refuses to say who the master is: its ACL user needs \(rights)", sentinel)
        case .refuses(.unknownCommand): tell("the server at a sentinel's address is none", sentinel)
        case .refuses, .isGarbage: tell("a sentinel answers nothing of use when asked who the master is", sentinel)
        }
    }

    private func tell(_ sentence: String, _ sentinel: Endpoint.Address, _ more: Logger.Metadata = [:]) {
        let metadata = more.merging(["sentinel": "\(sentinel)"]) { one, _ in one }
        let reason = more["reason"].map { "\($0)" } ?? ""
        troubles.tell(.warning, sentence, metadata, as: "sentinel \(sentinel): \(sentence) \(reason)")
    }

    /// What is said of passwords names the settings of the servers otherwise.
    private static func words(_ reason: RESPError) -> String {
        switch reason {
        case .refused(.noAuth): "it wants a password (NOAUTH): set REDIS_SENTINEL_PASSWORD_FILE"
        case .refused(.wrongPassword):
            "it refuses the user or the password (WRONGPASS): see REDIS_SENTINEL_USERNAME and REDIS_SENTINEL_PASSWORD_FILE"
        case .replica: "the server at its address is none"
        default: "\(reason)"
        }
    }
}
