import Bytes
import FastCGI

/// A request's method.
enum Method: Int, CaseIterable {
    case get
    case head
    case post
    case delete
    case patch
    case options
    case other

    init(_ name: RawSpan) {
        if name.equals("GET") {
            self = .get
        } else if name.equals("POST") {
            self = .post
        } else if name.equals("HEAD") {
            self = .head
        } else if name.equals("DELETE") {
            self = .delete
        } else if name.equals("PATCH") {
            self = .patch
        } else if name.equals("OPTIONS") {
            self = .options
        } else {
            self = .other
        }
    }

    /// For the log, where a name of the client's making has no place.
    var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}
