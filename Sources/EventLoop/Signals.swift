import CLinux
import Glibc
import Synchronization

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
    /// - Parameters:
    ///   - onEarly: called with the first one on that thread, where nobody is there yet to hand it to: see
    ///     ``FirstSignal/keep()``. It does not return.
    ///   - onSecond: called on that thread; it does not return.
    public func relay(
        onEarly: @escaping @Sendable (Int32) -> Never,
        onSecond: @escaping @Sendable () -> Never
    ) throws(EventLoopError) -> FirstSignal {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .last("eventfd") }
        let first = FirstSignal(descriptor: descriptor)
        _ = try LoopThread.start(name: "signals") {
            let signal = wait()
            first.put(signal, onEarly: onEarly)
            _ = wait()
            onSecond()
        }
        return first
    }

    /// What ``relay(onEarly:onSecond:)`` hands on.
    public final class FirstSignal: Sendable {
        private let descriptor: Int32
        private let isKept = Mutex(false)

        fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(descriptor) }

        /// Has the signal kept for ``wait()`` from now on. What follows is not broken off by it.
        public func keep() { isKept.withLock { $0 = true } }

        /// Waits for it, once, and returns its number.
        public func wait() -> Int32 {
            var number: eventfd_t = 0
            while eventfd_read(descriptor, &number) != 0 {}
            return Int32(number)
        }

        /// Under the lock, so that whoever has it kept is not broken off.
        fileprivate func put(_ signal: Int32, onEarly: (Int32) -> Never) {
            isKept.withLock { if !$0 { onEarly(signal) } }
            eventfd_write(descriptor, eventfd_t(signal))
        }
    }
}
