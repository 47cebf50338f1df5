import Testing

@testable import DashboardState

/// Which documents may want their time to live renewed.
struct YouthTests {
    /// Noon of a day, in milliseconds since 1970.
    private static let noon: Int64 = 1_767_268_800_000

    private func isOver(_ time: String, _ youth: inout Youth, at now: UInt64 = 1, clock: Int64 = noon) -> Bool {
        Array(time.utf8).withSpan { youth.isOver($0, at: now, clock: { clock }) }
    }

    @Test(
        arguments: [
            ("2026-01-01T12:00:00.000Z", false), ("2026-01-01T11:58:20.000Z", false),
            ("2026-01-01T11:58:19.999Z", true),
            ("2026-01-01T12:00:02.000Z", false), ("2026-01-01T12:00:02.001Z", true), ("2026-01-01", true), ("", true),
            ("not a time of 24 bytes..", true),
        ]
    )
    func itLastsATenthOfTheTimeToLive(time: String, isOver: Bool) {
        var youth = Youth(secondsToLive: 1000)
        #expect(self.isOver(time, &youth) == isOver)
    }

    @Test func theClockIsLookedAtOnceASecond() {
        var youth = Youth(secondsToLive: 1000)
        let time = "2026-01-01T12:00:00.000Z"
        #expect(!isOver(time, &youth))
        #expect(!isOver(time, &youth, at: 1_000_000_000, clock: Self.noon + 200_000))
        #expect(isOver(time, &youth, at: 1_000_000_001, clock: Self.noon + 200_000))
        // A clock that is put back.
        #expect(isOver(time, &youth, at: 2_000_000_001, clock: Self.noon - 10_000))
    }
}
