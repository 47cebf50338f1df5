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
        let unix = try Endpoint("unix:///run/redis.sock?db=2")
        #expect(unix.address == .unix(path: "/run/redis.sock") && unix.database == 2)
    }

    @Test func credentialsAreNotDescribed() throws {
        for url in ["redis://user:hunter2@host:1/1", "unix://:hunter2@/a/b"] {
            #expect(!"\(try Endpoint(url))".contains("hunter2"))
        }
    }

    @Test(
        arguments: [
            "", "host:6379", "redis://", "redis://host:0", "redis://host:x", "redis://host/x", "redis://::1:6379",
            "http://host", "unix://relative", "unix:///a?db=x", "redis://user@host", "redis://a:%zz@host",
        ]
    )
    func othersAreRefused(url: String) {
        #expect(throws: RESPError.self) { try Endpoint(url) }
    }

    @Test(arguments: ["rediss", "redis-sentinel", "redis-cluster"])
    func whatIsNotThereYetSaysSo(scheme: String) {
        let error = RESPError.unsupportedScheme(scheme)
        #expect(throws: error) { try Endpoint("\(scheme)://host:6379") }
        #expect("\(error)".contains("not supported yet"))
    }
}
