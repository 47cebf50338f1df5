import Testing

@testable import FastCGI

struct ListenAddressTests {
    @Test func addressesAreRead() throws {
        #expect(try ListenAddress("unix:/run/a b.sock") == .unix(path: "/run/a b.sock"))
        #expect(try ListenAddress("tcp:127.0.0.1:9000") == .tcp(host: "127.0.0.1", port: 9000))
        #expect(try ListenAddress("tcp:[::1]:9000") == .tcp(host: "::1", port: 9000))
        #expect(try ListenAddress("tcp:[::1]:9000").description == "tcp:[::1]:9000")
    }

    @Test(
        arguments: [
            "", "unix:", "unix:relative", "tcp:", "tcp:host", "tcp::9000", "tcp:host:0", "tcp:host:65536",
            "tcp:host:port", "tcp:::1:9000", "/run/worker.sock", ":9000", "tcp:[]:9000",
        ]
    )
    func othersAreRefused(text: String) {
        #expect(throws: FastCGIError.invalidAddress(text)) { try ListenAddress(text) }
    }
}
