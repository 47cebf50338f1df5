import Bytes
import CanonicalJSON

/// What is known of a state's RFC 8785 form, which its checksum is over.
public enum StateForm: Equatable, Sendable {
    /// It is the state's own bytes.
    case own
    /// The ``CanonicalForm`` at hand has made it, or found that there is none.
    case made
    /// Nothing.
    case unknown
}

/// The members of a body or document, each where it lies; values of a wrong kind are `nil` beside a true flag.
struct TopLevel {
    var version: Int64?
    var hasVersion = false
    var state: Range<Int>?
    var hasState = false
    var stateForm = StateForm.unknown
    var checksum: Range<Int>?
    var lastModified: Range<Int>?
    var ancestry: Range<Int>?

    /// - Parameter form: makes the state's canonical form by the way, where it will be needed.
    static func parse(
        _ bytes: UnsafeRawBufferPointer,
        _ form: CanonicalForm? = nil
    ) throws(BodyError) -> TopLevel {
        var members = TopLevel()
        let isObject: Bool
        do throws(JSONError) { isObject = try members.readText(bytes, form) } catch { throw BodyError(error) }
        guard isObject else { throw .notAnObject }
        return members
    }

    /// - Returns: whether the text is an object.
    private mutating func readText(
        _ bytes: UnsafeRawBufferPointer,
        _ form: CanonicalForm?
    ) throws(JSONError) -> Bool {
        var scanner = JSONScanner(bytes)
        try scanner.start()
        let isObject = scanner.next == UInt8(ascii: "{")
        if isObject { try read(&scanner, form) } else { try scanner.passValue(depth: 0) }
        try scanner.finish()
        return isObject
    }

    private mutating func read(_ scanner: inout JSONScanner, _ form: CanonicalForm?) throws(JSONError) {
        var others = Set<[UInt8]>()
        scanner.advance()
        scanner.skipSpace()
        if scanner.next == UInt8(ascii: "}") { return scanner.advance() }
        while true {
            let nameStart = scanner.at
            let name = try scanner.passName()
            let start = scanner.at
            let isNew: Bool
            switch Name(UnsafeBufferPointer(start: scanner.base + name.lowerBound, count: name.count)) {
            case .version:
                isNew = !hasVersion
                hasVersion = true
                try scanner.passValue(depth: 1)
                version = Self.version(scanner.base, start..<scanner.at)
            case .state:
                isNew = !hasState
                hasState = true
                try passState(&scanner, form)
                state = scanner.base[start] == UInt8(ascii: "{") ? start..<scanner.at : nil
            case .checksum:
                isNew = checksum == nil
                try scanner.passValue(depth: 1)
                checksum = start..<scanner.at
            case .lastModified:
                isNew = lastModified == nil
                try scanner.passValue(depth: 1)
                lastModified = start..<scanner.at
            case .ancestry:
                isNew = ancestry == nil
                try scanner.passValue(depth: 1)
                ancestry = start..<scanner.at
            case .other(let name):
                isNew = others.insert(name).inserted
                try scanner.passValue(depth: 1)
            }
            guard isNew else { throw .duplicateName(offset: nameStart) }
            scanner.skipSpace()
            switch scanner.next {
            case UInt8(ascii: ","):
                scanner.advance()
                scanner.skipSpace()
            case UInt8(ascii: "}"): return scanner.advance()
            default: throw scanner.error(.expectedCommaOrEnd)
            }
        }
    }

    private mutating func passState(_ scanner: inout JSONScanner, _ form: CanonicalForm?) throws(JSONError) {
        let start = scanner.at
        scanner.begin(at: start)
        guard let form, checksum != nil || Self.hasChecksumAhead(scanner) else {
            try scanner.passValue(depth: 1)
            stateForm = scanner.isCanonical ? .own : .unknown
            return
        }
        // A state is canonical as a whole, or not so from early on: then little was passed in vain.
        try scanner.passValueWhileCanonical(depth: 1)
        guard !scanner.isCanonical else {
            stateForm = .own
            return
        }
        scanner.begin(at: start)
        try form.make(&scanner, depth: 1)
        stateForm = .made
    }

    /// Whether a checksum seems to follow the state. It is guessed, as only time hangs on it: what follows the state
    /// is short, so it is looked for near the end.
    private static func hasChecksumAhead(_ scanner: borrowing JSONScanner) -> Bool {
        let start = max(scanner.at, scanner.end - 256)
        let tail = UnsafeBufferPointer(start: scanner.base + start, count: scanner.end - start)
        return tail.indices.contains { tail[$0] == UInt8(ascii: "\"") && tail[$0...].starts(with: "\"checksum\"".utf8) }
    }

    /// An integer literal in range, digits only.
    private static func version(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) -> Int64? {
        guard range.count <= 16 else { return nil }
        guard let value = Decimal.parse(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
        else {
            return nil
        }
        return value <= SaveBody.highestVersion ? Int64(value) : nil
    }

    /// A member's name, by what it means: escapes in it make no difference.
    private enum Name {
        case version
        case state
        case checksum
        case lastModified
        case ancestry
        case other([UInt8])

        init(_ text: UnsafeBufferPointer<UInt8>) {
            guard !text.contains(UInt8(ascii: "\\")) else {
                var name: [UInt8] = []
                // Half a character means nothing; such a name stands for itself.
                if (try? JSONString.appendUnescaped(text, to: &name)) == nil { name = Array(text) }
                self = name.withUnsafeBufferPointer { Name(unescaped: $0) }
                return
            }
            self = Name(unescaped: text)
        }

        private init(unescaped text: UnsafeBufferPointer<UInt8>) {
            if text.elementsEqual("version".utf8) {
                self = .version
            } else if text.elementsEqual("state".utf8) {
                self = .state
            } else if text.elementsEqual("checksum".utf8) {
                self = .checksum
            } else if text.elementsEqual("lastModified".utf8) {
                self = .lastModified
            } else if text.elementsEqual("ancestry".utf8) {
                self = .ancestry
            } else {
                self = .other(Array(text))
            }
        }
    }
}
