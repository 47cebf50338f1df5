/// Integers in decimal digits.
package enum Decimal {
    /// The most digits that an `Int` has.
    @usableFromInline package static let mostDigits = 19

    /// Whether a byte is a digit.
    @inlinable @inline(__always)
    package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Reads a number of digits only.
    /// - Returns: `nil` where there are none, something else is among them, or an `Int` cannot hold it.
    @inlinable
    package static func parse(_ digits: UnsafeRawBufferPointer) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for digit in digits {
            guard isDigit(digit) else { return nil }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowedToo) = product.addingReportingOverflow(Int(digit &- 0x30))
            guard !overflowed, !overflowedToo else { return nil }
            value = sum
        }
        return value
    }

    /// Reads a number that may have a sign.
    @inlinable
    package static func parse(signed digits: UnsafeRawBufferPointer) -> Int? {
        guard let first = digits.first else { return nil }
        guard first == UInt8(ascii: "-") || first == UInt8(ascii: "+") else { return parse(digits) }
        let rest = UnsafeRawBufferPointer(rebasing: digits[1...])
        guard let value = parse(rest) else {
            // There is one more number on that side.
            return digits.equals("-9223372036854775808") ? .min : nil
        }
        return first == UInt8(ascii: "-") ? -value : value
    }

    /// Calls `use` with the digits of a number.
    @inlinable @inline(__always)
    package static func withDigits(_ number: UInt, _ use: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: mostDigits + 1) { digits in
            var start = digits.count
            var rest = number
            repeat {
                start -= 1
                digits[start] = 0x30 | UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            use(UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    /// How many digits a number has that is not negative.
    @inlinable @inline(__always)
    package static func digitCount(_ number: Int) -> Int {
        var digits = 1
        var bound = 10
        while digits < mostDigits, number >= bound {
            digits += 1
            bound &*= 10
        }
        return digits
    }

    /// Writes a number that is not negative.
    /// - Parameters:
    ///   - count: how many digits, as ``digitCount(_:)`` says, or more: zeros come first then.
    ///   - target: has room for them.
    @inlinable @inline(__always)
    package static func write(_ number: Int, _ count: Int, to target: UnsafeMutableRawPointer) {
        var rest = UInt(bitPattern: number)
        var at = count
        while at > 0 {
            at -= 1
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            target.storeBytes(of: 0x30 | UInt8(truncatingIfNeeded: remainder), toByteOffset: at, as: UInt8.self)
            rest = quotient
        }
    }
}
