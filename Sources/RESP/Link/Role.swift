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
        let elements = Array(reply.elements.prefix(64))
        let value: Reply?
        if reply.kind == .map || elements.first?.bytes.elementsEqual("server".utf8) == true {
            // In RESP2 a map is an array of keys and values.
            let key = stride(from: 0, to: elements.count - 1, by: 2).first { index in
                elements[index].bytes.elementsEqual("role".utf8)
            }
            value = key.map { elements[$0 + 1] }
        } else {
            value = elements.first
        }
        switch value.map({ String(decoding: $0.bytes, as: UTF8.self) }) {
        case "master": self = .master
        case "slave", "replica": self = .replica
        default: self = .unknown
        }
    }
}
