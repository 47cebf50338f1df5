import EventLoop
import FastCGI
import SwiftSupport
import Synchronization
import Testing

struct StartTests {
    private struct CannotStart: Error {}

    /// Counts those that there are.
    private final class Handler: RequestHandler {
        static let count = Atomic(0)
        let params = ParamNames([])

        init() { Self.count.add(1, ordering: .relaxed) }

        deinit { Self.count.subtract(1, ordering: .relaxed) }

        func handle(_ request: Request, _ responder: any Responder) {}
    }

    @Test func aLoopThatCannotStartLeavesNoOtherOne() throws {
        let folder = try TemporaryFolder()
        let listener = try Listener(.unix(path: folder.file("s.sock")))
        let made = Atomic(0)
        #expect(throws: CannotStart.self) {
            _ = try Server(listeners: [listener], threads: 3) { _ in
                if made.add(1, ordering: .relaxed).newValue == 3 { throw CannotStart() }
                return Handler()
            }
        }
        #expect(made.load(ordering: .relaxed) == 3 && Handler.count.load(ordering: .relaxed) == 0)
    }
}
