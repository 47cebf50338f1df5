import CLinux
import Glibc

/// A POSIX thread with a name, to be joined once.
public struct LoopThread: Sendable {
    private let handle: pthread_t

    /// Starts a thread.
    /// - Parameters:
    ///   - name: what `top -H` shows; at most 15 bytes.
    ///   - body: what it does; it ends when this returns.
    /// - Throws: ``EventLoopError/system(call:errno:)`` when the system allows no further thread.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(EventLoopError) -> LoopThread
    {
        let start = Unmanaged.passRetained(Start(body: body))
        var handle = pthread_t()
        let status = pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            start.toOpaque()
        )
        guard status == 0 else {
            start.release()
            throw .system(call: "pthread_create", errno: status)
        }
        pthread_setname_np(handle, name)
        return LoopThread(handle: handle)
    }

    /// Has the calling thread wait its turn when it wakes, instead of pushing aside whoever runs (`SCHED_BATCH`,
    /// sched(7)): on a busy machine several things to do gather, and are done at once. Its share of the processor stays
    /// the same. A policy that somebody has chosen for the process is left alone.
    public static func useBatchScheduling() {
        guard sched_getscheduler(0) == SCHED_OTHER else { return }
        var parameters = sched_param()
        parameters.sched_priority = 0
        // Where this is not allowed, all goes on as before.
        _ = sched_setscheduler(0, batch, &parameters)
    }

    /// `SCHED_BATCH` of Linux.
    private static let batch: Int32 = 3

    /// Waits for the thread to end.
    public func join() { pthread_join(handle, nil) }

    private final class Start: Sendable {
        let body: @Sendable () -> Void
        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
