import Bytes

/// What systems along a trace have left for those behind them, as the field `tracestate` says.
///
/// Source: W3C Trace Context, section 3.3.
public enum TraceState {
    /// Longest one that is kept, in bytes: what every system should be able to pass on (section 3.3.1.5).
    public static let longest = 512
    private static let mostMembers = 32

    /// A copy of the field where it is what it should be; `nil` for anything else, and where there is nothing in it.
    public static func copy(_ field: RawSpan) -> [UInt8]? {
        guard !field.isEmpty, field.byteCount <= longest else { return nil }
        let text = field.copied
        var keys: [ArraySlice<UInt8>] = []
        for member in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let member = trimmed(member)
            // There may be empty ones.
            guard !member.isEmpty else { continue }
            guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = member[..<equals]
            guard isKey(key), isValue(member[(equals + 1)...]), !keys.contains(key) else { return nil }
            keys.append(key)
        }
        return keys.isEmpty || keys.count > mostMembers ? nil : text
    }

    private static func trimmed(_ member: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let start = member.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return [] }
        return start[...last]
    }

    /// `vendor`, or `tenant@vendor`.
    private static func isKey(_ key: ArraySlice<UInt8>) -> Bool {
        let parts = key.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let isOfTenant = parts.count == 2
        guard parts.count <= 2, let vendor = parts.last, let first = vendor.first, isLetter(first),
            vendor.count <= (isOfTenant ? 14 : 256), vendor.allSatisfy(isKeyCharacter)
        else { return false }
        guard isOfTenant else { return true }
        guard let first = parts[0].first, isLetter(first) || Decimal.isDigit(first) else { return false }
        return parts[0].count <= 241 && parts[0].allSatisfy(isKeyCharacter)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

    private static func isKeyCharacter(_ byte: UInt8) -> Bool {
        isLetter(byte) || Decimal.isDigit(byte) || "_-*/".utf8.contains(byte)
    }

    /// Visible characters and blanks without `,` and `=`. Its end is no blank, as those are trimmed.
    private static func isValue(_ value: ArraySlice<UInt8>) -> Bool {
        (1...256).contains(value.count)
            && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }
}
