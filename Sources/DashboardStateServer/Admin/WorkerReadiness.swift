import Bytes

/// Whether the worker can do what it is there for.
enum WorkerReadiness: Equatable {
    /// States are read and saved, or some of them. What is wrong with the others, in a sentence.
    case ready(String?)
    /// States are read. Why they are not saved, in a sentence.
    case readOnly(String)
    /// Neither; why, in a sentence.
    case unavailable(String)
    /// It finishes what it has, and takes no new connections.
    case draining

    /// What `status` says.
    var status: StaticString {
        switch self {
        case .ready: "ready"
        case .readOnly: "read-only"
        case .unavailable: "unavailable"
        case .draining: "draining"
        }
    }

    /// Whether it should get requests.
    var isServing: Bool {
        switch self {
        case .ready, .readOnly: true
        case .unavailable, .draining: false
        }
    }

    /// In words.
    var reason: String {
        switch self {
        case .ready(let trouble): trouble ?? "states are read and saved"
        case .readOnly(let reason), .unavailable(let reason): reason
        case .draining: "the worker is stopping, and finishes what it has"
        }
    }

    var json: [UInt8] {
        var body: [UInt8] = []
        body.append(#"{"status":""#)
        body.append(status)
        body.append(#"","reason":"#)
        body.append(quoted: reason)
        body.append("}")
        return body
    }
}
