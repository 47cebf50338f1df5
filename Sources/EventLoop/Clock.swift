import Glibc

/// The two clocks of the system, in integers.
public enum Clock {
    /// Nanoseconds of `CLOCK_MONOTONIC`: for deadlines and durations.
    public static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z of `CLOCK_REALTIME`: for what users see.
    public static func unixMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
