import EventLoop
import Glibc
import SwiftSupport
import Testing

@testable import RESP

/// A link to a server whose address others know.
@Suite(.timeLimit(.minutes(5)))
struct LinkSeekingTests {
    /// A port on loopback that takes connections, and answers nothing on them.
    private final class SilentServer {
        let port: UInt16
        private let descriptor: Int32

        init() {
            port = FreePort.find()
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            listen(descriptor, 16)
        }

        deinit { close(descriptor) }

        var address: Endpoint.Address { .tcp(host: "127.0.0.1", port: port) }
    }

    private let port = FreePort.find()
    private let redis: RedisProcess
    private let folder: TemporaryFolder
    private let silent = SilentServer()

    init() throws {
        folder = try TemporaryFolder()
        redis = try RedisProcess(in: folder, ["--port", "\(port)", "--bind", "127.0.0.1"])
    }

    private var address: Endpoint.Address { .tcp(host: "127.0.0.1", port: port) }

    /// A link whose first server is the silent one, or a name.
    private func makeDriver(
        first: Endpoint.Address,
        timeout: UInt64 = 10_000_000_000
    ) -> (driver: LinkDriver, events: Events) {
        let link = Link(
            seekingWith: Endpoint(first, Access()).access,
            connectTimeout: timeout,
            responseTimeout: timeout
        )
        let events = Events()
        link.onEvent = { events.seen.append("\($0)") }
        return (LinkDriver(link), events)
    }

    private final class Events { var seen: [String] = [] }

    /// Has the link connect to the silent server, with a command that waits.
    private func begin(_ driver: LinkDriver, _ first: Endpoint.Address) -> Answer {
        let answer = driver.send(["INCR", "count"], isWrite: true)
        driver.link.onSeek = {}
        driver.link.flush(now: Clock.monotonic())
        #expect(driver.link.isSeeking)
        driver.link.found(first, now: Clock.monotonic())
        return answer
    }

    @Test func whatWaitsForOneServerGoesToTheOneThatTakesItsPlace() throws {
        let (driver, events) = makeDriver(first: silent.address)
        let answer = begin(driver, silent.address)
        driver.run { driver.link.isOpen }
        #expect(answer.count == 0 && !driver.link.isReady)
        // The same again changes nothing.
        let descriptor = driver.link.descriptor
        driver.link.found(silent.address, now: Clock.monotonic())
        #expect(driver.link.descriptor == descriptor)
        driver.link.found(address, now: Clock.monotonic())
        #expect(answer.count == 0 && driver.link.acceptsCommands)
        driver.run { answer.count > 0 }
        #expect(answer.error == nil && answer.text == "1")
        // Nothing was lost, and nobody is told that something was.
        #expect(events.seen == ["connected(RESP.Role.master)"])
    }

    @Test func soItDoesWhereANameIsLookedUp() throws {
        let (driver, _) = makeDriver(first: silent.address)
        let answer = begin(driver, .tcp(host: "no-such-host.invalid", port: 1))
        driver.link.found(address, now: Clock.monotonic())
        driver.run { answer.count > 0 }
        #expect(answer.error == nil && answer.text == "1")
    }

    @Test func itWaitsNoLongerForThat() throws {
        let (driver, _) = makeDriver(first: silent.address, timeout: 300_000_000)
        let answer = begin(driver, silent.address)
        let begun = Clock.monotonic()
        let others = [SilentServer(), SilentServer()]
        var turn = 0
        driver.run {
            // Sentinels that cannot agree.
            turn += 1
            driver.link.found(others[turn % 2].address, now: Clock.monotonic())
            return answer.count > 0
        }
        #expect(answer.error == .timedOut && Clock.monotonic() - begun >= 300_000_000)
    }
}
