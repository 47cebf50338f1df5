import Testing

@testable import RESP

struct SentinelStatementTests {
    private func statement(_ first: String, _ second: String) throws -> SentinelStatement? {
        var reading = SentinelReading()
        #expect(try withReply(first) { reading.take($0, 0) } == nil)
        return try withReply(second) { reading.take($0, 1) }
    }

    private static let map = "%2\r\n$4\r\nname\r\n$1\r\nm\r\n$12\r\nconfig-epoch\r\n$2\r\n17\r\n"
    private static let array = "*4\r\n$4\r\nname\r\n$1\r\nm\r\n$12\r\nconfig-epoch\r\n$2\r\n17\r\n"
    private static let address = "*2\r\n$5\r\nHOST1\r\n$4\r\n6380\r\n"

    @Test(arguments: [map, array])
    func addressAndEpochAreRead(reply: String) throws {
        #expect(try statement(reply, Self.address) == .names(.tcp(host: "host1", port: 6380), epoch: 17))
    }

    @Test func aSentinelWithoutAnEpochIsHeard() throws {
        #expect(try statement("-NOPERM no\r\n", Self.address) == .names(.tcp(host: "host1", port: 6380), epoch: 0))
    }

    @Test(arguments: [
        ("-ERR No such master with that name\r\n", "*-1\r\n", SentinelStatement.knowsNoSuchMaster),
        ("-ERR No such master with that name\r\n", "_\r\n", .knowsNoSuchMaster),
        ("-NOPERM this user has no permissions\r\n", "-NOPERM this user\r\n", .refuses(.noPermission)),
        ("-ERR unknown command 'SENTINEL'\r\n", "-ERR unknown command\r\n", .refuses(.unknownCommand)),
        (map, "+OK\r\n", .isGarbage), (map, "*0\r\n", .isGarbage), (map, "*2\r\n$1\r\nh\r\n$1\r\n0\r\n", .isGarbage),
        (map, "*2\r\n$0\r\n\r\n$4\r\n6379\r\n", .isGarbage), (map, "*2\r\n$1\r\nh\r\n$5\r\n65536\r\n", .isGarbage),
        (map, "*2\r\n$3\r\na b\r\n$4\r\n6379\r\n", .isGarbage), (map, "*2\r\n:1\r\n*0\r\n", .isGarbage),
    ])
    func othersSayWhatTheyAre(first: String, second: String, expected: SentinelStatement) throws {
        #expect(try statement(first, second) == expected)
    }

    @Test func switchesAreRead() throws {
        let text = "state 10.0.0.1 6379 10.0.0.2 6380"
        let expected = SwitchMaster(message: text)
        #expect(expected?.masterName == "state" && expected?.address == .tcp(host: "10.0.0.2", port: 6380))
        let push = ">3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$\(text.utf8.count)\r\n\(text)\r\n"
        #expect(try withReply(push) { SwitchMaster($0) } == expected)
        for other in ["", "state", "state a 1 b", "state a 1 b x"] { #expect(SwitchMaster(message: other) == nil) }
        #expect(try withReply(">3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n") { SwitchMaster($0) } == nil)
    }
}
