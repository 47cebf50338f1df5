import DashboardState
import Testing

/// When a read has a state's time to live renewed, without Redis.
struct RenewalConversationTests {
    @Test(arguments: [(0, true), (899_999, true), (900_000, false), (1_000_000, false), (-1, false), (-2, false)])
    func whatIsShortIsRenewed(milliseconds: Int, isRenewed: Bool) {
        var renewal = RenewalConversation(secondsToLive: 1000)
        #expect(renewal.take(.number(milliseconds)) == (isRenewed ? .renew : .done))
    }

    @Test func onlyOnce() {
        for plain in [PlainReply.number(0), .number(1)] {
            var renewal = RenewalConversation(secondsToLive: 1000)
            #expect(renewal.take(.number(0)) == .renew)
            #expect(renewal.take(plain.reply) == .done)
        }
    }

    @Test func refusalsAndLossesEndIt() {
        for plain in [PlainReply.refused(Refusal(.isReplica)), .lost(mayBeDone: true), .lost(mayBeDone: false)] {
            var renewal = RenewalConversation(secondsToLive: 1000)
            #expect(renewal.take(plain.reply) == .done)
        }
    }

    @Test func whatIsNoReplyEndsTheConnection() {
        for plain in [PlainReply.nothing, .done, .foreign] {
            var renewal = RenewalConversation(secondsToLive: 1000)
            #expect(renewal.take(plain.reply) == .foreign)
        }
    }
}
