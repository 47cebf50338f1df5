import Bytes
import CLinux
import Glibc

/// What a collector answers to a batch, read as far as it matters: it may be anything, and come in any pieces.
struct CollectorReply {
    /// What became of the batch.
    enum Verdict: Equatable {
        /// It was taken, but for so many spans.
        case accepted(rejected: Int)
        /// It may be taken another time; where the collector says so, after so many seconds.
        case retry(status: Int, after: Int?)
        /// It will never be taken.
        case refused(status: Int)
        /// It is no answer of HTTP.
        case garbage
    }

    /// Longest one that is read, in bytes.
    static let longest = 65_536

    private var bytes: [UInt8] = []
    /// How many of them were looked through for the end of the head.
    private var searched = 0
    private var head: Head?

    private struct Head {
        let status: Int
        let retryAfter: Int?
        /// Where the body begins.
        let end: Int
        let length: Int?
    }

    /// Takes what came.
    /// - Returns: what it says, once that is known.
    mutating func take(_ more: UnsafeRawBufferPointer, now: Int) -> Verdict? {
        bytes.append(contentsOf: more)
        while head == nil {
            guard Self.mayBegin(bytes) else { return .garbage }
            guard let end = bytes[max(0, searched - 3)...].firstRange(of: Self.endOfHead)?.upperBound else {
                searched = bytes.count
                return bytes.count >= Self.longest ? .garbage : nil
            }
            guard let found = Self.head(bytes[..<end], now) else { return .garbage }
            guard found.status >= 200 else {
                // What is said on the way, such as 100.
                bytes.removeFirst(end)
                searched = 0
                continue
            }
            head = found
        }
        guard let head else { return nil }
        // Of others the body does not matter.
        guard (200..<300).contains(head.status) else { return verdict(head) }
        let isWhole = head.length.map { bytes.count - head.end >= $0 } ?? false
        return isWhole || bytes.count >= Self.longest ? verdict(head) : nil
    }

    /// What it says where no more comes, or nobody waits for it; `nil` where that is nothing.
    func end() -> Verdict? { head.map(verdict) }

    /// Source: OTLP specification, "OTLP/HTTP Response".
    private func verdict(_ head: Head) -> Verdict {
        switch head.status {
        case 200..<300: .accepted(rejected: Self.rejected(bytes[head.end...]))
        case 429, 502, 503, 504: .retry(status: head.status, after: head.retryAfter)
        default: .refused(status: head.status)
        }
    }

    private static let endOfHead = Array("\r\n\r\n".utf8)
    private static let protocolName = Array("HTTP/1.".utf8)

    private static func mayBegin(_ bytes: [UInt8]) -> Bool {
        bytes.prefix(protocolName.count).elementsEqual(protocolName.prefix(bytes.count))
    }

    private static func head(_ bytes: ArraySlice<UInt8>, _ now: Int) -> Head? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[1].utf8.count == 3, let status = Int(words[1]), (100..<600).contains(status)
        else { return nil }
        var (length, retryAfter): (Int?, Int?)
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
            switch line[..<colon].lowercased() {
            case "content-length": length = Int(value).flatMap { $0 >= 0 ? $0 : nil }
            case "retry-after": retryAfter = seconds(value, now)
            default: break
            }
        }
        return Head(status: status, retryAfter: retryAfter, end: bytes.endIndex, length: length)
    }

    /// A number of seconds, or a date (RFC 9110, section 10.2.3).
    private static func seconds(_ text: String, _ now: Int) -> Int? {
        if let seconds = Int(text) { return seconds >= 0 ? seconds : nil }
        var time = tm()
        guard strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &time) != nil else { return nil }
        return max(0, timegm(&time) - now)
    }

    /// The number behind `rejectedSpans` in `partial_success`, a string by the mapping; 0 where there is none.
    private static func rejected(_ body: ArraySlice<UInt8>) -> Int {
        guard let name = body.firstRange(of: Array(#""rejectedSpans""#.utf8)) else { return 0 }
        let digits = body[name.upperBound...].drop { " \t\r\n:\"".utf8.contains($0) }.prefix { Decimal.isDigit($0) }
        return Int(String(decoding: digits.prefix(9), as: UTF8.self)) ?? 0
    }
}
