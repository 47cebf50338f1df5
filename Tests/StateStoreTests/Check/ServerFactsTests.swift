import Testing

@testable import RESP
@testable import StateStore

/// What is found in what servers say of themselves, without any.
struct ServerFactsTests {
    private let good = """
        # Memory\r
        used_memory:1000\r
        maxmemory:100000\r
        maxmemory_policy:noeviction\r
        aof_enabled:1\r
        aof_last_write_status:ok\r
        rdb_last_bgsave_status:ok\r
        slave0:ip=10.0.0.1,port=6380,state=online,offset=14,lag=0\r
        slave1:ip=10.0.0.2,port=6381,state=wait_bgsave,offset=0,lag=0\r
        """

    private func codes(_ changes: (String, String)..., wait: Int = 0, isMaster: Bool = true) -> [String] {
        var text = good
        for (from, to) in changes {
            text = text.split(separator: from, omittingEmptySubsequences: false).joined(separator: to)
        }
        let wait = wait > 0 ? ReplicaWait(replicas: wait, milliseconds: 1) : nil
        return ServerFacts(text).findings("n", isMaster: isMaster, wait: wait).map { "\($0.level) \($0.code)" }
    }

    @Test func findings() {
        #expect(codes() == [] && codes(wait: 1) == [])
        #expect(codes(wait: 2) == ["error too-few-replicas"] && codes(wait: 2, isMaster: false) == [])
        #expect(codes(("noeviction", "allkeys-lru")) == ["warning eviction-policy"])
        #expect(codes(("aof_enabled:1", "aof_enabled:0")) == ["warning no-append-only-file"])
        #expect(codes(("write_status:ok", "write_status:err")) == ["error append-only-file"])
        #expect(codes(("bgsave_status:ok", "bgsave_status:err")) == ["warning snapshot"])
        #expect(codes(("maxmemory:100000", "maxmemory:0")) == ["note no-memory-limit"])
        #expect(codes(("used_memory:1000", "used_memory:90000")) == ["warning memory"])
        #expect(codes(("# Memory", "master_link_status:down"), isMaster: false) == ["warning replica-without-master"])
        #expect(ServerFacts("nonsense\n:\n").findings("n", isMaster: true, wait: nil).isEmpty)
    }

    @Test func replicas() {
        let replicas = ServerFacts(good).replicas
        #expect(replicas.map(\.host) == ["10.0.0.1", "10.0.0.2"] && replicas.map(\.port) == [6380, 6381])
        #expect(replicas.map(\.isOnline) == [true, false])
        #expect(ServerFacts(good).summary(isMaster: true) == "master, 1 replicas, 1000 of 100000 bytes in use")
    }

    @Test(arguments: [("6.2.0", true), ("7.0.15", true), ("10.0", true), ("6.0.16", false), ("5.0.14", false)])
    func versions(text: String, isSupported: Bool) throws {
        #expect(try #require(ServerVersion(text)).isSupported == isSupported)
    }

    @Test func whatIsNoVersion() { #expect(ServerVersion("seven") == nil && ServerVersion("7") == nil) }

    @Test func rights() {
        let check = RightsCheck(prefix: "p:", tag: "t", wait: nil, isCluster: false)
        func found(_ refusals: [Int: String]) -> [String] {
            let replies = check.commands.indices.map { index -> CheckReply in
                refusals[index].map { .refused(ServerError(message: $0)) } ?? .nothing
            }
            return check.findings(replies, "n", prefix: "p:").map { "\($0.level) \($0.code) \($0.sentence)" }
        }
        #expect(found([:]) == [] && found([8: "ERR no such key", 10: "NOSCRIPT No matching script."]) == [])
        let denied = "NOPERM this user has no permissions to run the 'x' command"
        let both = found([0: denied, 11: denied, 12: denied])
        #expect(both == ["error rights the ACL user lacks rights: +get +script|load"])
        #expect(found([7: denied]) == ["warning rights the ACL user lacks rights: +pttl"])
        #expect(found([0: "NOPERM No permissions to access a key"])[0].hasSuffix("~p:*"))
        #expect(found([1: "READONLY You can't write"]) == [])
        #expect(found([1: "MISCONF no"]).count == 1)
        #expect(found([1: "ERR unknown command 'SET'"])[0].hasPrefix("error unknown-command it does not know SET"))
    }
}
