/// Numbers.
extension JSONScanner {
    @inline(__always)
    static func digitsEnd(_ base: Text, _ end: Int, _ at: Int) -> Int {
        var position = at
        while position < end, base[position] &- 0x30 < 10 { position += 1 }
        return position
    }

    /// Whether the digits up to `digits` are all of a number, and canonical, as nearly all numbers are.
    @inline(__always)
    static func isShortInteger(_ base: Text, _ end: Int, _ at: Int, _ digits: Int) -> Bool {
        let length = digits - at
        guard length > 0, length <= 15, digits < end, base[at] != 0x30 || length == 1 else { return false }
        return base[digits] != UInt8(ascii: ".") && base[digits] | 0x20 != UInt8(ascii: "e")
    }

    /// Passes the number that starts at `start`, of any form.
    @inline(__always)
    static func numberEnd<R: ScanRecorder & ~Copyable>(
        _ base: Text,
        _ end: Int,
        _ start: Int,
        _ isCanonical: Bool,
        _ recorder: inout R
    ) throws(JSONError) -> Position {
        let number = try longNumberEnd(base, end, start)
        if !number.isCanonical { recorder.passedNumber(from: start, to: number.end) }
        return (number.end, isCanonical && number.isCanonical)
    }

    @inline(never)
    static func longNumberEnd(
        _ base: Text,
        _ end: Int,
        _ start: Int
    ) throws(JSONError) -> (end: Int, isCanonical: Bool) {
        func next(_ at: Int) -> UInt8 { at < end ? base[at] : 0 }
        func passDigits(_ at: Int) throws(JSONError) -> Int {
            let digits = digitsEnd(base, end, at)
            guard digits > at else { throw .syntax(at >= end ? .unexpectedEnd : .invalidNumber, offset: at) }
            return digits
        }
        let integer = base[start] == UInt8(ascii: "-") ? start + 1 : start
        var at = try passDigits(integer)
        if base[integer] == 0x30, at - integer > 1 { throw .syntax(.invalidNumber, offset: start) }
        if next(at) == UInt8(ascii: ".") { at = try passDigits(at + 1) }
        if next(at) | 0x20 == UInt8(ascii: "e") {
            let sign = next(at + 1)
            at = try passDigits(sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? at + 2 : at + 1)
        }
        let number = UnsafeBufferPointer(start: base + start, count: at - start)
        return (at, JSONNumber.isPlainlyCanonical(number))
    }
}
