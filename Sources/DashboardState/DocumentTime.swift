import Bytes

/// A document's time in the fixed form of 24 characters (``Timestamp``) as a number, quickly: whoever counts how old
/// documents are reads one for each request.
public enum DocumentTime {
    /// Milliseconds since 1970; `nil` where the text has not that form. Days that a month has not are not found out.
    public static func milliseconds(_ text: RawSpan) -> Int64? {
        guard text.byteCount == 24 else { return nil }
        // What remains are the digits' values, and 0 for what stands between them.
        let date = word(text, 0) ^ 0x2D30_302D_3030_3030  // 0000-00-
        let time = word(text, 8) ^ 0x3030_3A30_3054_3030  // 00T00:00
        let rest = word(text, 16) ^ 0x5A30_3030_2E30_303A  // :00.000Z
        let all = date | time | rest
        let between = date & 0xFF00_00FF_0000_0000 | time & 0x0000_FF00_00FF_0000 | rest & 0xFF00_0000_FF00_00FF
        let isOver = ((date &+ sixes) | (time &+ sixes) | (rest &+ sixes) | all) & 0xF0F0_F0F0_F0F0_F0F0
        guard between == 0, isOver == 0 else { return nil }
        let year = pair(date, 0) &* 100 &+ pair(date, 2)
        let month = pair(date, 5)
        guard (1...12).contains(month) else { return nil }
        let days = days(year, month, pair(time, 0))
        let seconds = ((days &* 24 &+ pair(time, 3)) &* 60 &+ pair(time, 6)) &* 60 &+ pair(rest, 1)
        return seconds &* 1000 &+ pair(rest, 4) &* 10 &+ Int64(truncatingIfNeeded: rest >> 48 & 0xFF)
    }

    private static let sixes: UInt64 = 0x0606_0606_0606_0606

    @inline(__always)
    private static func word(_ text: RawSpan, _ at: Int) -> UInt64 {
        text.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
    }

    /// The number of two digits from this byte on.
    @inline(__always)
    private static func pair(_ digits: UInt64, _ at: UInt64) -> Int64 {
        let both = digits >> (at &* 8)
        return Int64(truncatingIfNeeded: (both & 0xFF) &* 10 &+ (both >> 8 & 0xFF))
    }

    /// Days since 1970, counted in years that begin in March.
    @inline(__always)
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let isEarly = month <= 2
        let year = UInt64(bitPattern: year &- (isEarly ? 1 : 0) &+ 400)
        let dayOfYear = (153 &* UInt64(bitPattern: month &+ (isEarly ? 9 : -3)) &+ 2) / 5
        let days = year &* 365 &+ year / 4 &- year / 100 &+ year / 400 &+ dayOfYear
        return Int64(truncatingIfNeeded: days) &+ day &- 1 &- 719_468 &- 146_097
    }
}
