import DashboardState
import Testing

@testable import RESP
@testable import StateStore

/// What errors of Redis are to conversations.
struct StoreReplyTests {
    @Test(
        arguments: [
            ("NOSCRIPT no", .unknownScript), ("WRONGTYPE no", .wrongType), ("OOM no", .outOfMemory),
            ("MISCONF no", .cannotPersist), ("NOREPLICAS no", .tooFewReplicas), ("READONLY no", .isReplica),
            ("MASTERDOWN no", .masterIsAway), ("NOAUTH no", .isLoggedOut), ("LOADING no", .other),
            ("NOPERM no", .other), ("some proxy says no", .unknown),
        ] as [(String, Refusal.Reason)]
    )
    func refusals(message: String, reason: Refusal.Reason) {
        #expect(Refusal(ServerError(message: message)) == Refusal(reason))
        // A script of ours passes it on, of Redis 6.2 and later ones.
        for place in ["ERR SET refused: ", "ERR Error running script (call to f_0): @user_script:12: SET refused: "] {
            #expect(Refusal(ServerError(message: place + message)) == Refusal(reason, isFromScript: true))
        }
    }

    @Test func remedies() {
        #expect(RESPError(StoreFailure.Remedy.none) == nil)
        #expect(RESPError(.leadsToReplica) == .replica && RESPError(.loggedOut) == .refused(.noAuth))
        guard case .protocolError? = RESPError(.givenUp) else {
            Issue.record("no reason to give a connection up")
            return
        }
    }
}
