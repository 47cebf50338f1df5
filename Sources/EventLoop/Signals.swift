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
}
