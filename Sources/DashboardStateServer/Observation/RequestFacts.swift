import FastCGI

/// What is known of a request: gathered on its way, and looked at when it is answered, by whoever observes requests.
struct RequestFacts {
    /// The command by which Redis was asked. A staged save, and a script that is loaded, belong to their `evalsha`.
    enum Command: Int, CaseIterable {
        case get
        case evalsha
        case del
        case set

        var name: StaticString {
            switch self {
            case .get: "get"
            case .evalsha: "evalsha"
            case .del: "del"
            case .set: "set"
            }
        }
    }

    let method: Method
    /// `nil` where the path names nothing, or nobody has looked.
    var route: Route?
    /// Monotonic nanoseconds.
    let arrivedAt: UInt64
    /// Of the body, in bytes.
    let bytesIn: Int
    /// Of the document that was read or sent, in bytes; 0 where there is none.
    var documentSize = 0
    var command: Command?
    /// Monotonic nanoseconds at which Redis was asked.
    var askedAt: UInt64 = 0

    init(_ method: Method, arrivedAt: UInt64, bytesIn: Int) {
        self.method = method
        self.arrivedAt = arrivedAt
        self.bytesIn = bytesIn
    }
}
