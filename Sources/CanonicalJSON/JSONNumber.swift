import Bytes

/// Numbers as ECMAScript writes them, which is how RFC 8785 does (section 3.2.2.3).
enum JSONNumber {
    /// Whether a number whose syntax has been checked is spelled canonically, seen from its digits alone: a decimal of
    /// at most 15 digits stands for a double whose shortest digits it is. False tells nothing.
    static func isPlainlyCanonical(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let digits = text[0] == UInt8(ascii: "-") ? 1 : 0
        var significant = 0
        var zeros = 0
        var point = -1
        for index in digits..<text.count {
            switch text[index] {
            case 0x30 where significant == 0: zeros += 1
            case 0x30...0x39: significant += 1
            case UInt8(ascii: "."): point = index
            default: return false
            }
        }
        guard significant <= 15 else { return false }
        // Without a fraction: no minus before a zero.
        guard point >= 0 else { return significant > 0 || digits == 0 }
        // No zero at the end, and no more behind the point than plain notation has before an exponent is shorter.
        let zerosBehindPoint = text[digits] == 0x30 ? zeros - 1 : 0
        return text[text.count - 1] != 0x30 && zerosBehindPoint <= 5
    }

    /// Appends the canonical spelling of a number whose syntax has been checked.
    /// - Throws: ``CanonicalError/numberOutOfRange`` for one that a double can only hold as infinite.
    static func appendCanonical(
        _ text: UnsafeBufferPointer<UInt8>,
        to target: inout [UInt8]
    ) throws(CanonicalError) {
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            throw .numberOutOfRange
        }
        append(value, to: &target)
    }

    /// Appends a finite number as `Number::toString` of ECMAScript does: the shortest digits that mean this very
    /// double, in plain notation from 10^-7 up to 10^21, with an exponent beyond.
    static func append(_ value: Double, to target: inout [UInt8]) {
        guard value != 0 else { return target.append(UInt8(ascii: "0")) }
        if value < 0 { target.append(UInt8(ascii: "-")) }
        let (digits, point) = shortestDigits(value.magnitude)
        let count = digits.count
        switch point {
        case count...21 where point >= count:
            target.append(contentsOf: digits)
            target.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - count))
        case 1...21:
            target.append(contentsOf: digits[..<point])
            target.append(UInt8(ascii: "."))
            target.append(contentsOf: digits[point...])
        case -5...0:
            target.append("0.")
            target.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
            target.append(contentsOf: digits)
        default:
            target.append(digits[0])
            if count > 1 {
                target.append(UInt8(ascii: "."))
                target.append(contentsOf: digits[1...])
            }
            target.append(point > 0 ? "e+" : "e-")
            target.append(decimal: abs(point - 1))
        }
    }

    /// Digits without zeros at either end, and where the decimal point lies: 0.`digits` × 10^`point`.
    private static func shortestDigits(_ value: Double) -> (digits: [UInt8], point: Int) {
        // Swift's description has the shortest digits that read back as the same double, nearest to it.
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var text = value.description.utf8[...]
        while let byte = text.popFirst() {
            switch byte {
            case UInt8(ascii: "."): point = digits.count
            case UInt8(ascii: "e"):
                exponent = Int(Substring(text)) ?? 0
                text = text[text.endIndex...]
            default: digits.append(byte)
            }
        }
        var position = (point ?? digits.count) + exponent
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        position -= zeros
        return (digits, position)
    }
}
