/// Which master of a cluster serves which slot, as one of its nodes tells it: the answer to `CLUSTER SLOTS`, which all
/// versions know (`CLUSTER SHARDS` came with 7.0).
///
/// Source: <https://redis.io/docs/latest/commands/cluster-slots/>.
public struct SlotMap: Equatable, Sendable {
    /// The masters that serve slots, in the order in which they were told.
    public private(set) var masters: [Endpoint.Address] = []
    /// Their replicas, which know the map too.
    public private(set) var replicas: [Endpoint.Address] = []
    /// For each slot the place of its master, or ``nobody``.
    public private(set) var owners = [UInt16](repeating: Self.nobody, count: HashSlot.count)

    /// In place of a master where a slot has none.
    public static let nobody = UInt16.max

    /// Reads an answer.
    /// - Parameter asked: the node that gave it: what it tells without a host has its own.
    /// - Returns: `nil` where it is no such answer.
    public init?(_ reply: Reply, asked: Endpoint.Address) {
        guard reply.kind == .array else { return nil }
        var parts = reply.elements
        while let part = parts.next() {
            var elements = part.elements
            guard part.kind == .array, let first = elements.next()?.integer, let last = elements.next()?.integer,
                0 <= first, first <= last, last < HashSlot.count
            else { return nil }
            guard let master = elements.next(), master.kind == .array else { return nil }
            // A master whose address nobody knows serves nobody.
            if let address = Self.address(master, asked) {
                let place = Self.place(of: address, in: &masters)
                for slot in first...last { owners[slot] = place }
            }
            while let replica = elements.next() {
                if let address = Self.address(replica, asked) { _ = Self.place(of: address, in: &replicas) }
            }
        }
    }

    /// The slots that no master serves.
    public var uncovered: [ClosedRange<Int>] { Self.ranges { owners[$0] == Self.nobody } }

    /// The slots for which that holds.
    public static func ranges(_ holds: (Int) -> Bool) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for slot in 0..<HashSlot.count where holds(slot) {
            if let last = ranges.last, last.upperBound == slot - 1 {
                ranges[ranges.count - 1] = last.lowerBound...slot
            } else {
                ranges.append(slot...slot)
            }
        }
        return ranges
    }

    private static func place(of address: Endpoint.Address, in list: inout [Endpoint.Address]) -> UInt16 {
        if let place = list.firstIndex(of: address) { return UInt16(place) }
        list.append(address)
        return UInt16(list.count - 1)
    }

    /// Reads a node: what to call it, its port, its id and, from 7.0 on, what else it is called.
    private static func address(_ node: Reply, _ asked: Endpoint.Address) -> Endpoint.Address? {
        var elements = node.elements
        guard node.kind == .array, let name = elements.next(), let port = elements.next()?.integer.flatMap(UInt16.init),
            port > 0
        else { return nil }
        // Nothing: as the node that was asked, whatever it may be called (`cluster-preferred-endpoint-type unknown-endpoint`,
        // or a node that does not know its own address yet).
        if name.isNull || name.bytes.isEmpty {
            guard case .tcp(let host, _) = asked else { return nil }
            return .tcp(host: host, port: port)
        }
        let host = text(name)
        guard host == "?" else { return .tcp(host: host, port: port) }
        // Names are preferred, and this node was given none: it has an address all the same.
        _ = elements.next()
        guard let more = elements.next(), let other = addressAmong(more) else { return nil }
        return .tcp(host: other, port: port)
    }

    /// The address among what else a node is called: names and values in turn, or in a map.
    private static func addressAmong(_ more: Reply) -> String? {
        var elements = more.elements
        while let name = elements.next(), let value = elements.next() {
            if text(name) == "ip", !value.isNull, !value.bytes.isEmpty { return text(value) }
        }
        return nil
    }

    private static func text(_ reply: Reply) -> String {
        reply.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
