extension [UInt8] {
    /// Appends the bytes of a literal.
    package mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number in decimal digits.
    package mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        Decimal.withDigits(number.magnitude) { append(contentsOf: $0) }
    }
}
