import CLinux
import Glibc

/// Signals as something to wait for, instead of handlers that run anywhere.
public struct Signals: Sendable {
    private let set: sigset_t

    /// Blocks these signals in the calling thread and in every thread that it starts afterwards, so call it first
    /// of all.
    public init(blocking signals: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        self.set = set
    }

    /// Waits for one of them and returns its number.
    public func wait() -> Int32 {
        var set = self.set
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    /// Hands the first of these signals on, and acts upon the second whatever the rest of the process is doing: a thread
    /// of their own waits for them.
    /// - Parameter onSecond: called on that thread; it does not return.
    public func relay(onSecond: @escaping @Sendable () -> Never) throws(EventLoopError) -> FirstSignal {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last("eventfd") }
        _ = try LoopThread.start(name: "signals") {
            eventfd_write(descriptor, eventfd_t(wait()))
            _ = wait()
            onSecond()
        }
        return FirstSignal(descriptor: descriptor)
    }

    /// What ``relay(onSecond:)`` hands on.
    public struct FirstSignal: Sendable {
        fileprivate let descriptor: Int32

        /// Waits for it, once, and returns its number.
        public func wait() -> Int32 {
            var number: eventfd_t = 0
            while eventfd_read(descriptor, &number) != 0 {}
            return Int32(number)
        }
    }
}
