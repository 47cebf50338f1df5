import Bytes

/// A request to the admin address, as far as it is looked at.
///
/// Source: RFC 9112, sections 2 to 3 and 5.
struct AdminRequest: Equatable {
    /// `GET` or `HEAD`.
    var isHead = false
    /// Without its query.
    var path: [UInt8]
    /// All `Accept` fields, with commas between them.
    var accept: [UInt8] = []

    /// The longest head of a request, in bytes.
    static let longestHead = 8192

    /// What bytes from the beginning of a connection are.
    enum Parsed: Equatable {
        /// No whole head yet.
        case incomplete
        case request(AdminRequest)
        /// No request that is answered with what it asks for.
        case refused(Refusal)
    }

    enum Refusal: Equatable {
        /// Not HTTP/1.
        case malformed
        /// The method, and the way of the path being right.
        case methodNotAllowed
        /// The head is longer than ``longestHead``.
        case tooLong
    }

    static func parse(_ bytes: [UInt8]) -> Parsed {
        // Empty lines before a request are to be ignored.
        let start = bytes.firstIndex { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") } ?? bytes.count
        var lines: [ArraySlice<UInt8>] = []
        var at = start
        while true {
            guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "\n")) else {
                if bytes.count > longestHead { return .refused(.tooLong) }
                return looksLikeHTTP(bytes[start...]) ? .incomplete : .refused(.malformed)
            }
            guard end < longestHead else { return .refused(.tooLong) }
            let line = bytes[at..<end].last == UInt8(ascii: "\r") ? bytes[at..<(end - 1)] : bytes[at..<end]
            if line.isEmpty { return parse(lines) }
            lines.append(line)
            at = end + 1
        }
    }

    /// Whether a method can begin like this: TLS, and most else that is no HTTP, cannot, and is not waited for.
    private static func looksLikeHTTP(_ bytes: ArraySlice<UInt8>) -> Bool {
        let method = bytes.prefix(32).prefix { $0 != UInt8(ascii: " ") }
        return method.count < 32 && method.allSatisfy(isOfToken)
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func parse(_ lines: [ArraySlice<UInt8>]) -> Parsed {
        let words = lines[0].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isOfToken),
            let isOld = isOldVersion(words[2]), let path = path(of: words[1])
        else { return .refused(.malformed) }
        var hosts = 0
        var accept: [UInt8] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(isOfToken), !line.contains(0), !line.contains(UInt8(ascii: "\r"))
            else { return .refused(.malformed) }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            if name == "host" { hosts += 1 }
            if name == "accept" {
                if !accept.isEmpty { accept.append(UInt8(ascii: ",")) }
                accept += line[(colon + 1)...]
            }
        }
        guard hosts == 1 || isOld && hosts == 0 else { return .refused(.malformed) }
        let method = String(decoding: words[0], as: UTF8.self)
        guard method == "GET" || method == "HEAD" else { return .refused(.methodNotAllowed) }
        return .request(AdminRequest(isHead: method == "HEAD", path: path, accept: accept))
    }

    /// Whether it is HTTP/1.0; `nil` where it is no HTTP/1.
    private static func isOldVersion(_ word: ArraySlice<UInt8>) -> Bool? {
        guard word.count == 8, word.starts(with: "HTTP/1.".utf8), let minor = word.last, Decimal.isDigit(minor) else {
            return nil
        }
        return minor == UInt8(ascii: "0")
    }

    /// The path of a target in origin form or, as proxies send it, absolute form; `nil` where it is neither.
    private static func path(of target: ArraySlice<UInt8>) -> [UInt8]? {
        guard target.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        var rest = target
        if rest.prefix(7).map({ $0 | 0x20 }).elementsEqual("http://".utf8) {
            rest = rest.dropFirst(7).drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            if rest.first != UInt8(ascii: "/") { return Array("/".utf8) }
        }
        guard rest.first == UInt8(ascii: "/") else { return target.elementsEqual("*".utf8) ? Array(target) : nil }
        return Array(rest.prefix { $0 != UInt8(ascii: "?") })
    }

    /// Whether OpenMetrics is wanted at least as much as plain text.
    var prefersOpenMetrics: Bool {
        let open = quality(of: "application/openmetrics-text")
        return open > 0 && open >= quality(of: "text/plain")
    }

    /// The highest quality that a type is accepted with (RFC 9110, section 12.5.1); 0 where it is not named.
    private func quality(of type: String) -> Double {
        let text = String(decoding: accept, as: UTF8.self).lowercased()
        return text.split(separator: ",").map { part in
            let words = part.split(separator: ";").map { word in word.filter { $0 != " " && $0 != "\t" } }
            guard words.first == type else { return 0 }
            let quality = words.dropFirst().first { $0.hasPrefix("q=") }
            return quality.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
        }.max() ?? 0
    }
}
