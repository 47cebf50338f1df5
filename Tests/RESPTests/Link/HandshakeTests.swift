import Testing

@testable import RESP

/// What servers and proxies say to the first commands, and what follows from it.
struct HandshakeTests {
    private static let master = "%1\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"

    private func steps(
        _ url: String,
        _ dialect: Handshake.Dialect = .hello,
        _ replies: String...
    ) throws -> [Handshake.Step] {
        var handshake = Handshake(try Endpoint(url), dialect)
        return try replies.map { text in try withReply(text) { handshake.receive($0) } }
    }

    @Test func aMasterIsOfUseAndAReplicaIsNot() throws {
        #expect(try steps("redis://h", .hello, Self.master, "+PONG\r\n") == [.waiting, .done(.master)])
        let replica = "%1\r\n$4\r\nrole\r\n$7\r\nreplica\r\n"
        #expect(try steps("redis://h", .hello, replica, "+PONG\r\n") == [.waiting, .refused(.replica)])
        #expect(try steps("redis://h", .plain, "*1\r\n$5\r\nslave\r\n", "+PONG\r\n") == [.waiting, .refused(.replica)])
    }

    @Test(arguments: [
        "-ERR unknown command `HELLO`\r\n", "-unsupported command 'HELLO'\r\n", "-NOPROTO sorry\r\n", "-ERR what?\r\n",
    ])
    func helloIsRefusedInManyWords(refusal: String) throws {
        #expect(
            try steps(
                "redis://h/1",
                .hello,
                refusal,
                "+OK\r\n",
                "+PONG\r\n",
                "+OK\r\n",
                "-ERR no ROLE\r\n",
                "+PONG\r\n"
            )
                == [.waiting, .waiting, .again, .waiting, .waiting, .done(.unknown)]
        )
    }

    @Test func aProxyThatDoesNotKnowHelloMayWantAPasswordFirst() throws {
        let noAuth = "-NOAUTH Authentication required.\r\n"
        #expect(
            try steps("redis://:pw@h", .hello, noAuth, noAuth, "+OK\r\n", "-no ROLE\r\n", "+PONG\r\n")
                == [.waiting, .again, .waiting, .waiting, .done(.unknown)]
        )
        #expect(try steps("redis://h", .hello, noAuth) == [.refused(.refused(.noAuth))])
    }

    /// HELLO tells the role to whoever may not ask for it, but neither is asked for again and again.
    @Test func whoMayNotAskForTheRoleIsAskedNoMoreThanTwice() throws {
        let (unknown, denied) = ("-ERR unknown command 'HELLO'\r\n", "-NOPERM no 'role'\r\n")
        #expect(
            try steps("redis://h", .plain, denied, "+PONG\r\n", Self.master, "+PONG\r\n")
                == [.waiting, .again, .waiting, .done(.master)]
        )
        #expect(
            try steps("redis://h", .hello, unknown, "+PONG\r\n", denied, "+PONG\r\n")
                == [.waiting, .again, .waiting, .done(.unknown)]
        )
        let steps = try steps("redis://h", .plain, denied, "+PONG\r\n", unknown, "+PONG\r\n", denied, "+PONG\r\n")
        #expect(steps == [.waiting, .again, .waiting, .again, .waiting, .done(.unknown)])
    }

    @Test func whatServesReadsIsOfUse() throws {
        for ping in ["-MISCONF no disk\r\n", "-NOPERM not PING\r\n"] {
            #expect(try steps("redis://h", .hello, Self.master, ping) == [.waiting, .done(.master)])
        }
        #expect(
            try steps("redis://h", .hello, Self.master, "-LOADING wait\r\n") == [
                .waiting, .refused(.refused(.loading)),
            ]
        )
    }

    @Test func refusalsAreToldInWords() throws {
        let full = "-ERR max number of clients reached\r\n"
        #expect(try steps("redis://h", .hello, full) == [.refused(.refused(.maxClients))])
        #expect("\(RESPError.refused(.maxClients))".contains("maxclients"))
        #expect("\(RESPError.refused(.noAuth))".contains("REDIS_PASSWORD_FILE"))
        #expect("\(RESPError.replica)".contains("replica"))
        #expect(try steps("redis://:x@h", .hello, "-WRONGPASS no\r\n") == [.refused(.refused(.wrongPassword))])
        #expect(
            try steps("redis://h/99", .hello, Self.master, "-ERR DB index is out of range\r\n")
                == [.waiting, .refused(.refused(nil))]
        )
    }
}
