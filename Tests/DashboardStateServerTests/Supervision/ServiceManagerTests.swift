import Glibc
import Testing

@testable import DashboardStateServer

struct ServiceManagerTests {
    private func manager(_ variables: [String: String]) -> ServiceManager? {
        ServiceManager(Environment { variables[$0] })
    }

    @Test func messagesAreThoseOfSystemd() {
        let messages: [ServiceManager.Message] = [.ready, .stopping, .alive, .status("a\nb\r\nc")]
        #expect(messages.map(\.text) == ["READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=a b c"])
    }

    @Test(arguments: ["", "/", "relative", "vsock:2:9000", "/" + String(repeating: "x", count: 107)])
    func whoHasNoSuchAddressIsNotTold(address: String) {
        #expect(manager(["NOTIFY_SOCKET": address]) == nil)
    }

    @Test func nobodyHasToListen() throws {
        try #require(manager(["NOTIFY_SOCKET": "/nonexistent/notify"])).tell(.ready)
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "3000000"], 3_000_000_000),
            (["WATCHDOG_USEC": "5", "WATCHDOG_PID": "\(getpid())"], 5000),
            (["WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "0"], nil), ([:], nil),
            (["WATCHDOG_USEC": "soon"], nil), (["WATCHDOG_USEC": "18446744073709551615"], nil),
        ] as [([String: String], UInt64?)]
    )
    func itsPatienceIsThatOfItsVariables(variables: [String: String], patience: UInt64?) throws {
        let found = try #require(self.manager(["NOTIFY_SOCKET": "@x"].merging(variables) { $1 }))
        #expect(found.patience == patience)
    }
}
