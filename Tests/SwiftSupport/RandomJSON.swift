/// JSON values made at random, and written in one of many ways.
public enum RandomJSON {
    /// Characters.
    case string([Unicode.Scalar])
    /// A finite one.
    case number(Double)
    /// `true`, `false` or `null`.
    case literal(String)
    /// Elements.
    case array([RandomJSON])
    /// Members, no two of one name.
    case object([([Unicode.Scalar], RandomJSON)])

    /// An object that holds others up to this depth.
    public static func object(depth: Int, using random: inout some RandomNumberGenerator) -> RandomJSON {
        var names = Set<[Unicode.Scalar]>()
        for _ in 0..<Int.random(in: 0...6, using: &random) { names.insert(text(using: &random)) }
        return .object(names.sorted { "\($0)" < "\($1)" }.map { ($0, value(depth: depth - 1, using: &random)) })
    }

    private static func value(depth: Int, using random: inout some RandomNumberGenerator) -> RandomJSON {
        switch Int.random(in: 0..<(depth > 0 ? 5 : 3), using: &random) {
        case 0: .string(text(using: &random))
        case 1: .number(number(using: &random))
        case 2: .literal(["true", "false", "null"].randomElement(using: &random) ?? "null")
        case 3:
            .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, using: &random) })
        default: object(depth: depth, using: &random)
        }
    }

    private static func number(using random: inout some RandomNumberGenerator) -> Double {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return Double(Int.random(in: -100_000...100_000, using: &random))
        case 1: return Double(Int.random(in: -100_000...100_000, using: &random)) / 1000
        default:
            let value = Double(bitPattern: random.next())
            return value.isFinite ? value : 0
        }
    }

    private static func text(using random: inout some RandomNumberGenerator) -> [Unicode.Scalar] {
        let alphabet = "ab\"\\/\u{1}\u{8}\n\u{7F}\u{80}öé€\u{E000}\u{FB33}\u{FFFD}😀𝄞".unicodeScalars
        // Some have a beginning in common that is longer than what names are compared by at first.
        let start = Int.random(in: 0..<4, using: &random) == 0 ? Array("common-".unicodeScalars) : []
        return start
            + (0..<Int.random(in: 0...5, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" }
    }

    /// One of its spellings.
    public func spelled(using random: inout some RandomNumberGenerator) -> String {
        func space() -> String { ["", "", " ", "\n\t"].randomElement(using: &random) ?? "" }
        switch self {
        case .literal(let text): return text
        case .string(let text): return Self.spelled(text, using: &random)
        case .number(let value): return Self.spelled(value, using: &random)
        case .array(let elements):
            let parts = elements.map { space() + $0.spelled(using: &random) + space() }
            return "[\(parts.joined(separator: ","))]"
        case .object(let members):
            let parts = members.shuffled(using: &random).map { name, value in
                space() + Self.spelled(name, using: &random) + space() + ":" + space()
                    + value.spelled(using: &random)
            }
            return "{\(parts.joined(separator: ","))\(space())}"
        }
    }

    private static func spelled(_ value: Double, using random: inout some RandomNumberGenerator) -> String {
        var text = value.description
        if Bool.random(using: &random), !text.contains("e") { text += "e0" }
        return text
    }

    private static func spelled(_ text: [Unicode.Scalar], using random: inout some RandomNumberGenerator) -> String {
        var result = "\""
        for scalar in text {
            if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || Bool.random(using: &random) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
