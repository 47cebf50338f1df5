import EventLoop
import FastCGI
import Glibc
import Synchronization

/// Tells the service manager that the process is alive, for as long as all its loops are: one that hangs serves nobody, and
/// is worth a restart.
final class Watchdog: Sendable {
    private let isOver = Atomic(false)

    /// Starts it, on a thread of its own.
    /// - Parameter patience: nanoseconds within which the manager wants to hear of it.
    init(_ manager: ServiceManager, patience: UInt64, _ server: Server) throws(EventLoopError) {
        _ = try LoopThread.start(name: "watchdog") { [self] in
            // Four rounds fit, so that one that is answered late does no harm.
            let pause = useconds_t(clamping: patience / 4000)
            var round = server.callRoll()
            while !isOver.load(ordering: .relaxed) {
                usleep(pause)
                guard round.isAnswered else { continue }
                manager.tell(.alive)
                round = server.callRoll()
            }
        }
    }

    /// Ends it. A process that stops is no longer asked: the manager has another time for that.
    func end() { isOver.store(true, ordering: .relaxed) }
}
