import Testing

@testable import RESP

struct EndpointTests {
    @Test func urlsAreRead() throws {
        let plain = try Endpoint("redis://127.0.0.1:6390")
        #expect(plain.address == .tcp(host: "127.0.0.1", port: 6390) && plain.password == nil && plain.database == 0)
        let full = try Endpoint("redis://us%40er:p%3Aa%2Fss@host/3")
        #expect(full.address == .tcp(host: "host", port: 6379) && full.database == 3)
        #expect(full.username == Array("us@er".utf8) && full.password == Array("p:a/ss".utf8))
        #expect(try Endpoint("redis://:secret@[::1]:7000/").address == .tcp(host: "::1", port: 7000))
        #expect(try Endpoint("REDIS://host").address == .tcp(host: "host", port: 6379))
        let unix = try Endpoint("unix:///run/redis.sock?db=2")
        #expect(unix.address == .unix(path: "/run/redis.sock") && unix.database == 2)
    }

    @Test(arguments: [
        ("unix:///run/a b.sock", "/run/a b.sock"), ("unix:///run/a%20b.sock", "/run/a b.sock"),
        ("unix:///run@1/r.sock", "/run@1/r.sock"), ("unix://user:p@/run@1/r.sock", "/run@1/r.sock"),
        ("unix:///run%401/r%3F.sock", "/run@1/r?.sock"),
    ])
    func pathsAreRead(url: String, path: String) throws {
        #expect(try Endpoint(url).address == .unix(path: path))
    }

    @Test func noPasswordAndAnEmptyOneAreTwoThings() throws {
        let toBeSet = try Endpoint("redis://app@host")
        #expect(toBeSet.username == Array("app".utf8) && toBeSet.password == nil)
        let empty = try Endpoint("redis://app:@host")
        #expect(empty.username == Array("app".utf8) && empty.password == [])
        let none = try Endpoint("redis://:@host")
        #expect(none.username == nil && none.password == nil)
        // The last @ ends the credentials.
        let raw = try Endpoint("redis://app:a@b/c:d@host:1")
        #expect(raw.password == Array("a@b/c:d".utf8) && raw.address == .tcp(host: "host", port: 1))
    }

    @Test func credentialsAreNotDescribed() throws {
        for url in ["redis://user:hunter2@host:1/1", "unix://:hunter2@/a/b"] {
            #expect(!"\(try Endpoint(url))".contains("hunter2"))
        }
    }

    @Test(
        arguments: [
            "", "host:6379", "redis://", "redis://host:0", "redis://host:x", "redis://host/x", "redis://::1:6379",
            "http://host", "unix://relative", "unix:///a?db=x", "redis://a:%zz@host", "redis://host?db=1",
            "redis://host/1?x", "redis://host:", "redis://ho st",
            "redis://host/+1", "redis://host:+6379", "redis://host/-1", "unix:///a%zz", "unix:///a%00", "unix:///%ff",
            "unix:///\(String(repeating: "a", count: 107))",
        ]
    )
    func othersAreRefused(url: String) {
        #expect(throws: RESPError.self) { try Endpoint(url) }
    }

    @Test func aURLCanWantTLS() throws {
        let url = try Endpoint("rediss://app:secret@redis.example.org:6380/2")
        #expect(url.usesTLS && url.address == .tcp(host: "redis.example.org", port: 6380) && url.database == 2)
        #expect("\(url)" == "rediss://redis.example.org:6380 db 2")
        #expect("\(try Endpoint("rediss://[::1]"))" == "rediss://[::1]:6379")
        #expect(try !Endpoint("redis://host").usesTLS && !Endpoint("unix:///run/redis.sock").usesTLS)
        #expect(throws: RESPError.self) { try Endpoint("rediss://.") }
    }

    @Test(arguments: ["redis-sentinel", "redis-cluster", "rediss-sentinel", "rediss-cluster"])
    func severalServersAreNoEndpoint(scheme: String) {
        #expect(throws: RESPError.self) { try Endpoint("\(scheme)://host:6379") }
    }
}
