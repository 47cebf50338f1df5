/// Keys that one master of a cluster serves, or that nobody does.
public struct KeyShare: Equatable, Sendable {
    /// The keys' slots.
    public var slots: [ClosedRange<Int>]
    /// Whether a master serves them.
    public var isServed: Bool

    /// The keys of these slots.
    public init(slots: [ClosedRange<Int>], isServed: Bool) {
        self.slots = slots
        self.isServed = isServed
    }

    func contains(_ slot: UInt16) -> Bool { slots.contains { $0.contains(Int(slot)) } }

    /// The slots of several, in order.
    static func text(_ shares: [KeyShare]) -> String {
        var slots: [ClosedRange<Int>] = []
        for range in shares.flatMap(\.slots).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = slots.last, last.upperBound + 1 == range.lowerBound {
                slots[slots.count - 1] = last.lowerBound...range.upperBound
            } else {
                slots.append(range)
            }
        }
        return text(slots)
    }

    /// `0-5460,9000`.
    static func text(_ slots: [ClosedRange<Int>]) -> String {
        slots.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }
}
