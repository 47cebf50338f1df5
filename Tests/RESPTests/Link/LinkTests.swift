import EventLoop
import Glibc
import SwiftSupport
import Testing

@testable import RESP

@Suite(.timeLimit(.minutes(2)))
struct LinkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func repliesComeBackInOrder() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url)
        let answers = (0..<10_000).map { driver.send(["ECHO", "\($0)"]) }
        driver.run { answers.last?.count == 1 }
        #expect(answers.enumerated().allSatisfy { $1.text == "\($0)" && $1.count == 1 })
        #expect(driver.ask("NOSUCH").kind == .simpleError)
        #expect(driver.ask("GET", "nothing").kind == .null)
    }

    @Test func fewCommandsWaitForTheRepliesBeforeThem() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url)
        #expect(driver.ask("PING").text == "PONG")
        // Redis holds still, so that nothing is answered meanwhile.
        redis.signal(SIGSTOP)
        _ = driver.send(["ECHO", "first"])
        driver.link.flush(now: Clock.monotonic())
        #expect(driver.link.unsentCount == 0)
        var answers: [Answer] = []
        for number in 1..<Link.smallestGathering {
            answers.append(driver.send(["ECHO", "\(number)"]))
            driver.link.flush(now: Clock.monotonic())
            #expect(driver.link.unsentCount == number)
        }
        answers.append(driver.send(["ECHO", "last"]))
        driver.link.flush(now: Clock.monotonic())
        #expect(driver.link.unsentCount == 0)
        let late = driver.send(["ECHO", "late"])
        driver.link.flush(now: Clock.monotonic())
        #expect(driver.link.unsentCount == 1)
        redis.signal(SIGCONT)
        driver.run { late.count == 1 }
        #expect(late.text == "late" && answers.last?.text == "last")
    }

    @Test func behindManyTheFirstCommandLetsThoseCatchUpThatComeAtOnce() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url)
        let many = (0..<3).map { driver.send(["ECHO", "\($0)"]) }
        driver.run { many.last?.count == 1 }
        let first = driver.send(["ECHO", "first"])
        #expect(driver.link.flush(now: Clock.monotonic()) && driver.link.unsentCount == 1)
        let second = driver.send(["ECHO", "second"])
        #expect(!driver.link.flush(now: Clock.monotonic()) && driver.link.unsentCount == 0)
        driver.run { second.count == 1 }
        #expect(first.text == "first" && second.text == "second")
        // Nobody follows, so it goes, and the next one is not held up.
        let third = driver.send(["ECHO", "third"])
        #expect(driver.link.flush(now: Clock.monotonic()) && driver.link.unsentCount == 1)
        #expect(!driver.link.flush(now: Clock.monotonic()) && driver.link.unsentCount == 0)
        driver.run { third.count == 1 }
        let alone = driver.send(["ECHO", "alone"])
        #expect(!driver.link.flush(now: Clock.monotonic()) && driver.link.unsentCount == 0)
        driver.run { alone.count == 1 }
    }

    @Test func commandsThatBelongTogetherAreAnsweredOneByOne() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url)
        let big = String(repeating: "x", count: 3_000_000)
        let before = driver.send(["ECHO", "before"])
        let pairs = (0..<5).map { driver.send(together: [["SET", "k\($0)", big], ["STRLEN", "k\($0)"]]) }
        let after = driver.send(["ECHO", "after"])
        driver.run { after.count == 1 }
        #expect(before.text == "before" && after.text == "after")
        for pair in pairs { #expect(pair.indexes == [0, 1] && pair.text == "3000000") }
        #expect(after.sent == ["*2\r\n$4\r\nECHO\r\n$5\r\nafter\r\n"])
        #expect(pairs.allSatisfy { Set($0.sent).count == 1 && $0.sent[0].count > 3_000_000 })
    }

    @Test func largeValuesGoBothWays() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url, timeout: 10_000_000_000)
        let value = String(repeating: "0123456789", count: 1_000_000)
        let set = driver.send(["SET", "big", value])
        let get = driver.send(["GET", "big"])
        driver.run { get.count == 1 }
        #expect(set.text == "OK" && get.text == value)
    }

    @Test func usersPasswordsAndDatabases() throws {
        let redis = try RedisProcess(in: folder, ["--requirepass", "p:w"])
        let selected = try LinkDriver("unix://:p%3Aw@\(redis.socket)?db=3")
        #expect(selected.ask("SET", "k", "v").text == "OK")
        #expect(try redis.cli("-a", "p:w", "--no-auth-warning", "-n", "3", "GET", "k") == "v")
        #expect(selected.ask("ACL", "SETUSER", "bob", "on", ">secret", "~*", "+@all").text == "OK")
        #expect(try LinkDriver("unix://bob:secret@\(redis.socket)").ask("ACL", "WHOAMI").text == "bob")
        for url in ["unix://:wrong@\(redis.socket)", "unix://bob:p%3Aw@\(redis.socket)", redis.url] {
            let driver = try LinkDriver(url)
            guard case .refused(let code)? = driver.ask("PING").error else {
                Issue.record("\(url) was let in")
                continue
            }
            #expect(code == (url == redis.url ? .noAuth : .wrongPassword))
        }
    }

    @Test func overTCP() throws {
        let port = FreePort.find()
        let redis = try RedisProcess(in: folder, ["--port", String(port), "--bind", "127.0.0.1"])
        // Both addresses of the name are tried, where it has two.
        #expect(try LinkDriver("redis://localhost:\(port)").ask("PING").text == "PONG")
        #expect(try LinkDriver("redis://127.0.0.1:\(port)").ask("PING").text == "PONG")
        _ = redis
    }

    @Test func aServerWithoutHelloIsSpokenToInRESP2() throws {
        let redis = try RedisProcess(in: folder, ["--rename-command", "HELLO", "", "--requirepass", "x"])
        let driver = try LinkDriver("unix://:x@\(redis.socket)?db=1")
        #expect(driver.ask("GET", "nothing").kind == .null)
    }

    @Test func aLostConnectionIsMadeAgainAndOnlyWritesThatWereSentAreNotSentAgain() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url)
        #expect(driver.ask("PING").text == "PONG")
        redis.signal(SIGSTOP)
        let read = driver.send(["GET", "a"])
        let write = driver.send(["INCR", "b"], isWrite: true)
        driver.link.flush(now: Clock.monotonic())
        let unsent = driver.send(["INCR", "c"], isWrite: true)
        driver.link.drop(.connectionLost("test"), now: Clock.monotonic())
        redis.signal(SIGCONT)
        driver.run { read.count > 0 && write.count > 0 && unsent.count > 0 }
        #expect(read.count == 1 && read.kind == .null)
        #expect(write.count == 1 && write.error == .unanswered)
        #expect(unsent.text == "1")
        #expect(driver.ask("PING").text == "PONG")
    }

    @Test func aKilledConnectionLosesNoRead() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url)
        #expect(driver.ask("SET", "k", "v").text == "OK")
        usleep(600_000)
        #expect(try redis.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") == "1")
        let answers = (0..<100).map { _ in driver.send(["GET", "k"]) }
        driver.run { answers.allSatisfy { $0.count > 0 } }
        #expect(answers.allSatisfy { $0.text == "v" && $0.count == 1 })
    }

    @Test func whileRedisIsAwayCommandsFailAtOnceAndThenItIsFoundAgain() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url)
        var changes: [String] = []
        driver.link.onEvent = { change in
            switch change {
            case .connected: changes.append("connected")
            case .lost: changes.append("lost")
            case .refused: changes.append("refused")
            case .unusableFiles: changes.append("unusable files")
            }
        }
        #expect(driver.ask("PING").text == "PONG")
        redis.stop()
        driver.run { changes.contains("refused") || changes.last == "lost" }
        #expect(driver.ask("PING").error != nil)
        let refused = driver.send(["PING"])
        #expect(refused.error == .away)
        try redis.start()
        #expect(driver.run { driver.link.isReady })
        #expect(driver.ask("PING").text == "PONG")
        #expect(changes.first == "connected" && changes.last == "connected")
        // However often it was tried, it was told once.
        #expect(changes.filter { $0 == "refused" }.count <= 2)
    }

    @Test func aServerThatHangsIsGivenUpAndFoundAgain() throws {
        let redis = try RedisProcess(in: folder)
        let driver = try LinkDriver(redis.url, timeout: 300_000_000)
        #expect(driver.ask("PING").text == "PONG")
        redis.signal(SIGSTOP)
        #expect(driver.ask("PING").error == .timedOut)
        redis.signal(SIGCONT)
        #expect(driver.run { driver.link.isReady })
        #expect(driver.ask("ECHO", "x").text == "x")
    }

    @Test func absentServersAreAway() throws {
        let driver = try LinkDriver("unix://\(folder.path)/no.sock")
        guard case .cannotConnect? = driver.ask("PING").error else {
            Issue.record("it is there")
            return
        }
        #expect(driver.send(["PING"]).error == .away)
    }
}
