import Bytes

/// What a server is to others, as it says itself.
public enum Role: Equatable, Sendable {
    /// It decides, and takes writes.
    case master
    /// It follows another one, and may be behind.
    case replica
    /// It cannot say, as some proxies, and counts as a master.
    case unknown

    /// Reads the answer to `HELLO` (a map, in which `role` stands) or to `ROLE` (an array that begins with it).
    init(_ reply: Reply) {
        self = .unknown
        var elements = reply.elements
        var isMap = reply.kind == .map
        var isValue = false
        for index in 0..<64 {
            guard let element = elements.next() else { return }
            // In RESP2 a map is an array of keys and values.
            if index == 0, element.bytes.equals("server") { isMap = true }
            guard isMap, !isValue else {
                self = Role(name: element.bytes)
                return
            }
            isValue = index % 2 == 0 && element.bytes.equals("role")
        }
    }

    private init(name: RawSpan) {
        if name.equals("master") {
            self = .master
        } else if name.equals("slave") || name.equals("replica") {
            self = .replica
        } else {
            self = .unknown
        }
    }
}
