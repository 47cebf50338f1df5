import EventLoop
import Logging
import Synchronization

/// When something that comes again and again is told: at once, and then at most once a minute, with how often it came.
struct Repetitions {
    private struct Told {
        /// Monotonic nanoseconds until which it is only counted.
        var until: UInt64
        var count = 0
    }

    /// Nanoseconds for which what was told is only counted.
    static let pause: UInt64 = 60_000_000_000

    private var told: [String: Told] = [:]

    /// - Parameters:
    ///   - what: which it is; there are few.
    ///   - now: monotonic nanoseconds.
    /// - Returns: how often it came since it was told, not counting this time; `nil` where it is not told.
    mutating func came(_ what: String, at now: UInt64) -> Int? {
        if let before = told[what], now < before.until {
            told[what]?.count += 1
            return nil
        }
        let count = told[what]?.count ?? 0
        told[what] = Told(until: now + Self.pause)
        return count
    }
}

/// A log for what may come as often as requests do.
final class RepetitionLog: Sendable {
    private let logger: Logger
    private let repetitions = Mutex(Repetitions())

    init(_ logger: Logger) { self.logger = logger }

    /// Tells of something, unless it was told of late.
    /// - Parameters:
    ///   - sentence: what the line says.
    ///   - metadata: what more it says.
    ///   - what: tells it from others; `sentence` where there is none.
    func tell(
        _ level: Logger.Level,
        _ sentence: String,
        _ metadata: @autoclosure () -> Logger.Metadata = [:],
        as what: String? = nil
    ) {
        guard logger.logLevel <= level else { return }
        let count = repetitions.withLock { $0.came(what ?? sentence, at: Clock.monotonic()) }
        guard let count else { return }
        var metadata = metadata()
        if count > 0 { metadata["more_since_told"] = .stringConvertible(count) }
        logger.log(level: level, "\(sentence)", metadata: metadata)
    }
}
