import Bytes

/// A point in time, to the millisecond, between the years 0000 and 9999.
public struct Timestamp: Equatable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
    public let milliseconds: Int64

    private static let earliest: Int64 = -62_167_219_200_000
    private static let latest: Int64 = 253_402_300_799_999

    /// Times beyond the years that can be written are moved to the nearest that can.
    public init(milliseconds: Int64) { self.milliseconds = min(max(milliseconds, Self.earliest), Self.latest) }

    /// Earlier is less.
    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    /// Reads an RFC 3339 date-time, section 5.6; `nil` where it is none, or out of range as universal time.
    ///
    /// Digits beyond milliseconds are cut off. A leap second counts as the second behind it.
    public init?(_ text: UnsafeRawBufferPointer) {
        var reader = Reader(rest: text[...])
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("Tt"), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), reader.take(":"), let second = reader.number(2),
            let fraction = reader.fraction(), let offset = reader.offset(), reader.rest.isEmpty,
            (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year),
            hour <= 23, minute <= 59, second <= 60
        else { return nil }
        let minutes = (Self.daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute - offset
        let milliseconds = (minutes * 60 + second) * 1000 + (second == 60 ? 0 : fraction)
        guard (Self.earliest...Self.latest).contains(milliseconds) else { return nil }
        self.milliseconds = milliseconds
    }

    /// Appends the fixed form of 24 characters, `2026-01-01T00:00:00.000Z`, in which times compare as bytes do.
    public func append(to target: inout [UInt8]) {
        let (days, ofDay) = Self.floorDivide(milliseconds, 86_400_000)
        let (year, month, day) = Self.date(daysSinceEpoch: days)
        func pair(_ value: Int64) {
            let value = UInt8(truncatingIfNeeded: value)
            target.append(UInt8(ascii: "0") + value / 10)
            target.append(UInt8(ascii: "0") + value % 10)
        }
        pair(year / 100)
        pair(year % 100)
        target.append("-")
        pair(month)
        target.append("-")
        pair(day)
        target.append("T")
        pair(ofDay / 3_600_000)
        target.append(":")
        pair(ofDay / 60_000 % 60)
        target.append(":")
        pair(ofDay / 1000 % 60)
        target.append(".")
        target.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: ofDay % 1000 / 100))
        pair(ofDay % 100)
        target.append("Z")
    }

    // MARK: The calendar

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days of the Gregorian calendar, counted in years that begin in March, so that a leap day is their last.
    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let (era, ofEra) = floorDivide(marchYear, 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + dayOfYear - 719_468
    }

    private static func date(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, ofEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let dayOfYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let quotient = value >= 0 ? value / divisor : (value - divisor + 1) / divisor
        return (quotient, value - quotient * divisor)
    }

    /// Takes the parts of a date-time one after the other.
    private struct Reader {
        var rest: Slice<UnsafeRawBufferPointer>

        mutating func number(_ count: Int) -> Int64? {
            let digits = rest.prefix(count)
            guard digits.count == count, let value = Decimal.parse(UnsafeRawBufferPointer(rebasing: digits)) else {
                return nil
            }
            rest = rest.dropFirst(count)
            return Int64(value)
        }

        mutating func take(_ any: String) -> Bool {
            guard let byte = rest.first, any.utf8.contains(byte) else { return false }
            rest.removeFirst()
            return true
        }

        /// Milliseconds; 0 where no fraction is written, `nil` for a point without digits.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            let digits = rest.prefix(while: Decimal.isDigit)
            rest = rest.dropFirst(digits.count)
            let first = digits.prefix(3)
            guard let value = Decimal.parse(UnsafeRawBufferPointer(rebasing: first)) else { return nil }
            return Int64(value) * [1, 100, 10, 1][first.count]
        }

        /// Minutes east of universal time.
        mutating func offset() -> Int64? {
            if take("Zz") { return 0 }
            let isWest = rest.first == UInt8(ascii: "-")
            guard take("+-"), let hours = number(2), take(":"), let minutes = number(2), hours <= 23, minutes <= 59
            else { return nil }
            return (isWest ? -1 : 1) * (hours * 60 + minutes)
        }
    }
}
