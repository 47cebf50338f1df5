import Testing

@testable import RESP

struct TopologyTests {
    private func sentinel(_ url: String) throws -> SentinelTopology {
        guard case .sentinel(let topology) = try Topology(url) else { throw RESPError.invalidURL("of another kind") }
        return topology
    }

    private func cluster(_ url: String) throws -> ClusterTopology {
        guard case .cluster(let topology) = try Topology(url) else { throw RESPError.invalidURL("of another kind") }
        return topology
    }

    @Test(arguments: ["redis://host:1/2", "rediss://host", "unix://user:p@/run/redis.sock?db=1"])
    func oneServerIsOne(url: String) throws {
        #expect(try Topology(url) == .single(try Endpoint(url)))
        #expect(try "\(Topology(url))" == "\(Endpoint(url))")
    }

    @Test func sentinelsAndTheirMasterAreRead() throws {
        let plain = try sentinel("redis-sentinel://s1,s2:26380,[::1],[::2]:7000/mymaster")
        #expect(
            plain.seeds == [
                .tcp(host: "s1", port: 26379), .tcp(host: "s2", port: 26380), .tcp(host: "::1", port: 26379),
                .tcp(host: "::2", port: 7000),
            ]
        )
        #expect(plain.masterName == "mymaster" && plain.access == Access())
        let full = try sentinel("REDISS-Sentinel://us%40er:p%2Fa@s1,s1:26379,s2/my%2Fmaster/3")
        #expect(full.seeds == [.tcp(host: "s1", port: 26379), .tcp(host: "s2", port: 26379)])
        #expect(full.masterName == "my/master" && full.access.usesTLS && full.access.database == 3)
        #expect(full.access.username == Array("us@er".utf8) && full.access.password == Array("p/a".utf8))
        #expect("\(Topology.sentinel(full))" == "rediss-sentinel://s1:26379,s2:26379/my/master db 3")
        #expect("\(plain)" == "redis-sentinel://s1:26379,s2:26380,[::1]:26379,[::2]:7000/mymaster")
        #expect(try sentinel("redis-sentinel://s1/mymaster/").access.database == 0)
        // A password may hold what is not encoded, as everywhere.
        #expect(try sentinel("redis-sentinel://:a@b,c/d@s1/m").access.password == Array("a@b,c/d".utf8))
    }

    @Test func clustersAreRead() throws {
        let plain = try cluster("redis-cluster://a,b:6380,[::1]")
        #expect(
            plain.seeds == [.tcp(host: "a", port: 6379), .tcp(host: "b", port: 6380), .tcp(host: "::1", port: 6379)]
        )
        #expect(plain.access == Access())
        for end in ["", "/", "/0"] {
            let full = try cluster("rediss-cluster://app:s3cret@a:1,b:2" + end)
            #expect(full.access.usesTLS && full.access.password == Array("s3cret".utf8))
            #expect("\(Topology.cluster(full))" == "rediss-cluster://a:1,b:2")
        }
    }

    @Test(arguments: [
        ("redis-sentinel://s1", "no name of a master"), ("redis-sentinel://s1/", "no name of a master"),
        ("redis-sentinel://s1//1", "no name of a master"), ("redis-sentinel:///m", "no host"),
        ("redis-sentinel://s1,/m", "comma"), ("redis-sentinel://,s1/m", "comma"),
        ("redis-sentinel://s1,,s2/m", "comma"),
        ("redis-sentinel://s1/m/x", "database"), ("redis-sentinel://s1/m/1/2", "database"),
        ("redis-sentinel://s1/m/-1", "database"), ("redis-sentinel://s1/m?db=1", "nothing may follow"),
        ("redis-sentinel://s1/%zz", "master's name"), ("redis-sentinel://s1/a%00", "master's name"),
        ("redis-sentinel://s1/a%0a", "master's name"), ("redis-sentinel://s1/%ff", "master's name"),
        ("redis-sentinel://s1:0/m", "port"), ("redis-sentinel://s1,s2:x/m", "port"),
        ("redis-sentinel://::1/m", "brackets"), ("redis-sentinel://a:%zz@s1/m", "percent"),
        ("redis-sentinel://s1, s2/m", "no host"), ("rediss-sentinel://s1,./m", "certificate"),
        ("redis-cluster://", "no host"), ("redis-cluster://a,", "comma"), ("redis-cluster://a/1", "no database but 0"),
        ("redis-cluster://a/x", "no database but 0"), ("redis-cluster://a?x", "nothing may follow"),
        ("redis-cluster://a:65536", "port"), ("rediss-cluster://.", "certificate"), ("redis-replica://a", "scheme"),
        ("unix-sentinel:///s/m", "scheme"), ("sentinel", "no scheme"),
    ])
    func othersAreRefusedInWords(url: String, word: String) {
        #expect { try Topology(url) } throws: { "\($0)".contains(word) }
    }

    @Test(arguments: ["redis://u:hunter2@a", "redis-sentinel://u:hunter2@a,b/m", "redis-cluster://u:hunter2@a,b"])
    func credentialsAreNotDescribed(url: String) throws {
        var topology = try Topology(url)
        #expect(topology.access.password == Array("hunter2".utf8) && !"\(topology)".contains("hunter2"))
        topology.access.password = Array("other".utf8)
        #expect(try topology.access.password == Array("other".utf8) && topology != Topology(url))
    }
}
