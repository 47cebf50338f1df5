import Glibc

/// One pure part of the service, to be run over and over.
struct Benchmark {
    let name: String
    /// Bytes that go through it each time.
    let bytes: Int
    /// The result is summed up, so that the compiler cannot leave work out.
    let run: () throws -> Int

    /// Runs it so many times.
    @discardableResult
    func repeated(_ count: Int) throws -> Int {
        var sum = 0
        for _ in 0..<count { sum &+= try run() }
        return sum
    }

    /// Nanoseconds of the processor's time that one run takes, the least of several tries: what else the machine does
    /// only ever makes it more.
    func nanoseconds() throws -> Double {
        var count = 1
        while try Self.measured({ _ = try repeated(count) }) < 20_000_000 { count *= 2 }
        var least = Double.infinity
        for _ in 0..<15 { least = min(least, try Self.measured { _ = try repeated(count) } / Double(count)) }
        return least
    }

    private static func measured(_ work: () throws -> Void) rethrows -> Double {
        let start = processorTime()
        try work()
        return processorTime() - start
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
