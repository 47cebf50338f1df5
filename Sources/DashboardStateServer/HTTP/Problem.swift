import Bytes
import DashboardState

/// An error as users see it: a problem detail (RFC 9457). It never holds an internal message, a key or an address.
struct Problem: Error {
    /// Another member beside type, title, status and detail.
    enum Member {
        case number(StaticString, Int)
        case text(StaticString, String)
    }

    /// What `type` and `status` say.
    var kind: Kind
    var title: StaticString
    /// One sentence for the front-end developer.
    var detail: String
    var members: [Member] = []
    var fields: [(name: StaticString, value: StaticString)] = []

    var status: Status { kind.status }

    /// What comes before its kind's name in `type`.
    static let typePrefix: StaticString = "urn:problem-type:dashboard-state:"

    /// Appends the problem as JSON.
    /// - Parameters:
    ///   - trace: hex digits by which the request is found in logs and traces.
    ///   - current: the stored document, spliced in as the last member.
    func appendBody(to target: inout [UInt8], trace: [UInt8]? = nil, current: RawSpan? = nil) {
        target.append(#"{"type":""#)
        if let name = kind.name {
            target.append(Self.typePrefix)
            target.append(name)
        } else {
            target.append("about:blank")
        }
        target.append(#"","title":""#)
        target.append(title)
        target.append(#"","status":"#)
        target.append(decimal: status.rawValue)
        target.append(#","detail":"#)
        target.append(quoted: detail)
        for member in members {
            target.append(#",""#)
            switch member {
            case .number(let name, let value):
                target.append(name)
                target.append(#"":"#)
                target.append(decimal: value)
            case .text(let name, let value):
                target.append(name)
                target.append(#"":"#)
                target.append(quoted: value)
            }
        }
        if let trace {
            target.append(#","trace":""#)
            target.append(contentsOf: trace)
            target.append("\"")
        }
        if let current {
            target.append(#","current":"#)
            current.withUnsafeBytes { target.append(contentsOf: $0) }
        }
        target.append("}")
    }
}
