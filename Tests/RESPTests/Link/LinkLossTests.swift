import EventLoop
import Glibc
import SwiftSupport
import Testing

@testable import RESP

/// Who pays for lost connections, and which server is left.
@Suite(.timeLimit(.minutes(2)))
struct LinkLossTests {
    private let folder: TemporaryFolder
    private let redis: RedisProcess

    init() throws {
        folder = try TemporaryFolder()
        redis = try RedisProcess(in: folder)
    }

    /// A command that Redis does not answer, for whatever reason.
    private static let unanswered = ["BLPOP", "nothing", "100"]

    /// Has Redis close the connection once something is under way on it.
    private func lose(_ driver: LinkDriver) throws {
        driver.run { driver.link.isAwaiting }
        let generation = driver.link.generation
        try redis.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        driver.run { driver.link.generation > generation }
    }

    /// So that whoever watches it stops in time: what has its number next may be somebody else's.
    @Test(arguments: [false, true])
    func anOwnerIsToldBeforeADescriptorIsClosed(byName: Bool) throws {
        let port = FreePort.find()
        let folder = try TemporaryFolder()
        let named = try RedisProcess(in: folder, ["--port", "\(port)"])
        let driver = try LinkDriver(byName ? "redis://localhost:\(port)" : redis.url)
        var left = 0
        driver.link.beforeLettingGo = { descriptor in
            left += 1
            #expect(descriptor == driver.link.descriptor && fcntl(descriptor, F_GETFD) >= 0)
        }
        #expect(driver.ask("PING").text == "PONG")
        // The look-up's, where there was one.
        #expect(left == (byName ? 1 : 0))
        driver.link.drop(.silent, now: Clock.monotonic())
        #expect(left == (byName ? 2 : 1) && driver.link.descriptor < 0)
        #expect(driver.ask("PING").text == "PONG")
        named.stop()
    }

    @Test func whoIsAloneAtTwoLossesInARowFails() throws {
        let driver = try LinkDriver(redis.url)
        #expect(driver.ask("PING").text == "PONG")
        let read = driver.send(Self.unanswered)
        try lose(driver)
        #expect(read.count == 0)
        try lose(driver)
        #expect(read.error == .connectionLost("closed by Redis"))
        #expect(driver.ask("ECHO", "x").text == "x")
    }

    @Test func whoeverMayBeTheCauseIsSentAloneAndOthersGoOn() throws {
        let driver = try LinkDriver(redis.url)
        #expect(driver.ask("PING").text == "PONG")
        let cause = driver.send(Self.unanswered)
        let others = (0..<5).map { driver.send(["ECHO", "\($0)"]) }
        try lose(driver)
        try lose(driver)
        #expect(cause.count == 0 && others.allSatisfy { $0.count == 0 })
        driver.run { driver.link.isAwaiting }
        #expect(driver.link.unsentCount == others.count)
        try lose(driver)
        #expect(cause.error == .connectionLost("closed by Redis"))
        driver.run { others.allSatisfy { $0.count > 0 } }
        #expect(others.enumerated().allSatisfy { $1.text == "\($0)" && $1.count == 1 })
    }

    @Test func aWriteThatWasSentWholeIsNeverSentAgain() throws {
        let driver = try LinkDriver(redis.url)
        #expect(driver.ask("PING").text == "PONG")
        let front = driver.send(Self.unanswered)
        let write = driver.send(["INCR", "count"], isWrite: true)
        try lose(driver)
        #expect(write.error == .unanswered && front.count == 0)
        let later = driver.send(["GET", "count"])
        _ = later
        try lose(driver)
        try lose(driver)
        // Redis had not come to it, and will not.
        #expect(driver.ask("EXISTS", "count").text == "0")
    }

    @Test func whatALinkCannotSendAnotherTakesOver() throws {
        let main = try LinkDriver(redis.url)
        #expect(main.ask("PING").text == "PONG")
        let second = try LinkDriver("unix://\(folder.path)/nobody.sock")
        second.link.handOver(to: main.link)
        let write = second.send(["INCR", "count"], isWrite: true)
        second.link.flush(now: Clock.monotonic())
        #expect(second.link.acceptsCommands == false)
        main.run { write.count > 0 }
        #expect(write.text == "1" && write.count == 1)
    }

    @Test func aMasterThatIsDemotedIsLeftWithinASecond() throws {
        let driver = try LinkDriver(redis.url)
        #expect(driver.ask("SET", "k", "v").text == "OK")
        try redis.cli("REPLICAOF", "127.0.0.1", "\(FreePort.find())")
        usleep(UInt32(Link.rolePause / 1000))
        // It would still answer.
        #expect(try redis.cli("GET", "k") == "v")
        #expect(driver.ask("GET", "k").error != nil)
        try redis.cli("REPLICAOF", "NO", "ONE")
        driver.run { driver.link.isReady }
        #expect(driver.ask("GET", "k").text == "v")
    }

    @Test func aConnectionThatIsSilentIsKnownWithinAQuarterOfItsTime() throws {
        let driver = try LinkDriver(redis.url, timeout: 8_000_000_000)
        #expect(driver.ask("PING").text == "PONG")
        let read = driver.send(Self.unanswered)
        #expect(driver.run { driver.link.isSilent })
        #expect(read.count == 0 && driver.link.mayBeDead)
        let write = driver.send(["INCR", "count"], isWrite: true)
        driver.link.flush(now: Clock.monotonic())
        #expect(driver.link.mayBeDead)
        for _ in 0..<Link.smallestGathering { _ = driver.send(["PING"]) }
        driver.link.flush(now: Clock.monotonic())
        #expect(write.count == 0 && !driver.link.mayBeDead)
        // Whatever comes ends it.
        try redis.cli("RPUSH", "nothing", "x")
        driver.run { read.count > 0 }
        #expect(!driver.link.isSilent)
    }

    /// The kernel would go on sending it for minutes.
    @Test func aConnectionThatIsGivenUpIsReset() throws {
        let port = FreePort.find()
        let server = try RedisProcess(in: try TemporaryFolder(), ["--port", String(port), "--bind", "127.0.0.1"])
        let driver = try LinkDriver("redis://127.0.0.1:\(port)")
        #expect(driver.ask("PING").text == "PONG")
        var option = linger()
        var size = socklen_t(MemoryLayout<linger>.size)
        getsockopt(driver.link.descriptor, SOL_SOCKET, SO_LINGER, &option, &size)
        #expect(option.l_onoff == 1 && option.l_linger == 0)
        _ = server
    }
}
