/// Tells documents that were saved of late from those whose time to live may want renewal: nobody has to ask Redis about
/// the former.
public struct Youth {
    /// A document's own time may be this old, in milliseconds: a tenth of the time to live.
    private let milliseconds: Int64
    /// Times between these are young; both are made anew each second.
    private var longAgo = WrittenTime(Timestamp(milliseconds: 0))
    private var now = WrittenTime(Timestamp(milliseconds: 0))
    private var refreshAt: UInt64 = 0

    /// - Parameter secondsToLive: how long a state lives when it is new.
    public init(secondsToLive: Int) { milliseconds = Int64(secondsToLive) * 100 }

    /// Whether a document's time is more than a tenth of the time to live ago, or to come, or no time in the usual form.
    /// - Parameters:
    ///   - lastModified: the document's time, without quotes.
    ///   - now: monotonic nanoseconds.
    ///   - clock: the milliseconds since 1970; asked once a second.
    public mutating func isOver(
        _ lastModified: RawSpan,
        at now: UInt64,
        clock: () -> Int64
    ) -> Bool {
        if now >= refreshAt { refresh(now, clock()) }
        guard let written = WrittenTime(lastModified) else { return true }
        return written < longAgo || self.now < written
    }

    private mutating func refresh(_ now: UInt64, _ clock: Int64) {
        refreshAt = now + 1_000_000_000
        longAgo = WrittenTime(Timestamp(milliseconds: clock - milliseconds))
        // What is saved within this second is not of a time to come.
        self.now = WrittenTime(Timestamp(milliseconds: clock + 2000))
    }
}
