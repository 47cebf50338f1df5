import SwiftSupport
import Testing

@testable import DashboardState

struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("2026-11-23t21:03:04.5z", "2026-11-23T21:03:04.500Z"),
            ("2026-01-01T00:30:00.1239+01:00", "2025-12-31T23:30:00.123Z"),
            ("2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000Z"),
            ("2000-02-29T12:00:00-00:00", "2000-02-29T12:00:00.000Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ]
    )
    func timesAreReadAndWrittenInTheFixedForm(text: String, fixed: String) {
        #expect(timestamp(text).map(written) == fixed)
    }

    @Test(
        arguments: [
            "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Z ",
            "26-01-01T00:00:00Z", "+2026-01-01T00:00:00Z", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
        ]
    )
    func othersAreRefused(text: String) { #expect(timestamp(text) == nil) }

    @Test func everyTimeSurvivesItsTextAndTextsSortAsTimes() {
        var random = SeededGenerator(seed: 5)
        var last: (Timestamp, String)?
        for _ in 0..<20_000 {
            let time = Timestamp(milliseconds: .random(in: -62_167_219_200_000...253_402_300_799_999, using: &random))
            let text = written(time)
            #expect(text.utf8.count == 24)
            #expect(timestamp(text) == time)
            if let last { #expect((last.0 < time) == (last.1 < text)) }
            last = (time, text)
        }
    }

    private func timestamp(_ text: String) -> Timestamp? { Array(text.utf8).withUnsafeBytes { Timestamp($0) } }

    private func written(_ time: Timestamp) -> String {
        var bytes: [UInt8] = []
        time.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
