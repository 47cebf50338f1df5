import Glibc

/// Checks a stream of FastCGI name-value pairs without keeping any of it.
///
/// Pairs may lie across records, so this is fed piece by piece. Refused are lengths beyond what is ever looked at,
/// names that are empty or hold `=` (libfcgi joins the two with one, so such a name could pass for another), and NUL
/// anywhere (libfcgi hands out C strings, in which it would cut a value short).
///
/// Source: FastCGI Specification, section 3.4.
struct ParamsCheck {
    /// Longest name or value that is let through, in bytes.
    static let longest = 65535

    private enum Step {
        case nameLength
        case valueLength
        case name
        case value
    }

    private var step = Step.nameLength
    private var lengthBytes = 0
    private var lengthSoFar = 0
    private var nameLeft = 0
    private var valueLeft = 0

    /// Whether the stream may end here.
    var isBetweenPairs: Bool { step == .nameLength && lengthBytes == 0 }

    /// Takes the next piece.
    /// - Returns: false once the stream is not one that a web server sends.
    mutating func feed(_ piece: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < piece.count {
            switch step {
            case .nameLength, .valueLength:
                guard let length = length(piece[at]) else {
                    at += 1
                    continue
                }
                at += 1
                guard length <= Self.longest else { return false }
                if step == .nameLength {
                    guard length > 0 else { return false }
                    nameLeft = length
                    step = .valueLength
                } else {
                    valueLeft = length
                    step = .name
                }
            case .name:
                let part = UnsafeRawBufferPointer(rebasing: piece[at..<min(piece.count, at + nameLeft)])
                guard !part.holds(0), !part.holds(UInt8(ascii: "=")) else { return false }
                at += part.count
                nameLeft -= part.count
                if nameLeft == 0 { step = valueLeft == 0 ? .nameLength : .value }
            case .value:
                let part = UnsafeRawBufferPointer(rebasing: piece[at..<min(piece.count, at + valueLeft)])
                guard !part.holds(0) else { return false }
                at += part.count
                valueLeft -= part.count
                if valueLeft == 0 { step = .nameLength }
            }
        }
        return true
    }

    /// Takes one byte of a length, which is one byte below 128 or four with the top bit set.
    private mutating func length(_ byte: UInt8) -> Int? {
        if lengthBytes == 0, byte < 0x80 { return Int(byte) }
        lengthSoFar = lengthBytes == 0 ? Int(byte & 0x7F) : lengthSoFar << 8 | Int(byte)
        lengthBytes += 1
        guard lengthBytes == 4 else { return nil }
        lengthBytes = 0
        return lengthSoFar
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func holds(_ byte: UInt8) -> Bool {
        guard let baseAddress else { return false }
        return memchr(baseAddress, Int32(byte), count) != nil
    }
}
