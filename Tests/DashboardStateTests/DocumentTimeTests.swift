import Testing

@testable import DashboardState

struct DocumentTimeTests {
    private func read(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBytes { DocumentTime.milliseconds(RawSpan(_unsafeBytes: $0)) }
    }

    @Test func timesAreReadAsTheyAreWritten() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<10_000 {
            let milliseconds = Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &random)
            let time = Timestamp(milliseconds: milliseconds)
            var text: [UInt8] = []
            time.append(to: &text)
            #expect(read(String(decoding: text, as: UTF8.self)) == time.milliseconds)
        }
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00.000+", "2O26-01-01T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026/01-01T00:00:00.000Z", "////////////////////////",
        "\u{FF}026-01-01T00:00:00.00Z",
    ])
    func anythingElseIsNoTime(_ text: String) { #expect(read(text) == nil) }
}
