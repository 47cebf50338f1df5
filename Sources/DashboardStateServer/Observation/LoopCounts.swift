import Metrics
import Synchronization

/// What a loop counts, for the others to add up.
final class LoopCounts: Sendable {
    let counters = Counters(count: Layout.count)
    let identities = IdentityCounts()
    /// Whether its link was up, and Redis had the scripts.
    let isWarm = Atomic(false)

    /// Where each number stands among ``counters``.
    ///
    /// Numbers are written out, so that the compiler knows them; a test counts what they stand for.
    enum Layout {
        /// Those of ``Route``, and one for all other paths.
        static var routes: Int { 4 }
        static var methods: Int { 7 }
        static var commands: Int { 4 }
        /// A histogram of durations: its buckets, and its sum.
        static var durationSize: Int { 18 }
        /// Likewise of sizes.
        static var sizeSize: Int { 12 }
        /// Likewise of ages.
        static var ageSize: Int { 12 }

        /// By route, method and outcome.
        static var requests: Int { 0 }
        /// How many were begun.
        static var begun: Int { requests + routes * methods * RequestOutcome.count }
        /// By route and method.
        static var durations: Int { begun + 1 }
        /// By command.
        static var redisDurations: Int { durations + routes * methods * durationSize }
        static var requestSizes: Int { redisDurations + commands * durationSize }
        /// Of documents that were the bodies of answers.
        static var readSizes: Int { requestSizes + sizeSize }
        /// Of all other answers.
        static var otherResponseSizes: Int { readSizes + sizeSize }
        /// Of all other documents.
        static var otherDocumentSizes: Int { otherResponseSizes + sizeSize }
        static var ages: Int { otherDocumentSizes + sizeSize }
        static var count: Int { ages + ageSize }
    }

    /// The bounds of histograms.
    enum Scales {
        /// Nanoseconds.
        static let durations = Buckets(
            [
                100_000: "0.0001", 250_000: "0.00025", 500_000: "0.0005", 1_000_000: "0.001", 2_500_000: "0.0025",
                5_000_000: "0.005", 10_000_000: "0.01", 25_000_000: "0.025", 50_000_000: "0.05", 100_000_000: "0.1",
                250_000_000: "0.25", 500_000_000: "0.5", 1_000_000_000: "1.0", 2_500_000_000: "2.5",
                5_000_000_000: "5.0", 10_000_000_000: "10.0",
            ],
            scale: 1e9
        )
        /// Bytes.
        static let sizes = Buckets(
            [
                256: "256.0", 1024: "1024.0", 4096: "4096.0", 16384: "16384.0", 65536: "65536.0", 262_144: "262144.0",
                1_048_576: "1048576.0", 4_194_304: "4194304.0", 16_777_216: "16777216.0", 67_108_864: "67108864.0",
            ],
            scale: 1
        )
        /// Milliseconds: a second, ten, a minute, five, an hour, six, a day, a week, thirty days, ninety.
        static let ages = Buckets(
            [
                1_000: "1.0", 10_000: "10.0", 60_000: "60.0", 300_000: "300.0", 3_600_000: "3600.0",
                21_600_000: "21600.0", 86_400_000: "86400.0", 604_800_000: "604800.0", 2_592_000_000: "2592000.0",
                7_776_000_000: "7776000.0",
            ],
            scale: 1000
        )
    }
}
