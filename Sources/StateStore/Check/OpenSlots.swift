import RESP

/// Slots that are on their way from one master of a cluster to another, as a node tells it of itself in `CLUSTER NODES`:
/// `[93->-ID]` is one that leaves it, and `[77-<-ID]` one that comes.
///
/// Redis keeps this with these two nodes alone. A replica that takes the place of one of them does not know of it.
///
/// Source: <https://redis.io/docs/latest/commands/cluster-nodes/>.
struct OpenSlots: Equatable {
    private(set) var leaving: Set<Int> = []
    private(set) var coming: Set<Int> = []
    private var owned: [ClosedRange<Int>] = []

    init(_ nodes: String) {
        for line in nodes.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count > 8, words[2].split(separator: ",").contains("myself") else { continue }
            for word in words.dropFirst(8) { take(word) }
        }
    }

    private mutating func take(_ word: Substring) {
        guard word.first == "[" else {
            let bounds = word.split(separator: "-").compactMap { Int($0) }
            if let first = bounds.first, let last = bounds.last, first <= last { owned.append(first...last) }
            return
        }
        let parts = word.dropFirst().split(separator: "-", maxSplits: 2)
        guard parts.count == 3, let slot = Int(parts[0]) else { return }
        switch parts[1] {
        case ">": leaving.insert(slot)
        case "<": coming.insert(slot)
        default: break
        }
    }

    func owns(_ slot: Int) -> Bool { owned.contains { $0.contains(slot) } }

    /// What is wrong with a way of slots.
    struct Breaks: Equatable {
        /// They come to one master, and another has them that does not know of it: it says that what has left it is not there.
        var unknown: Set<Int> = []
        /// They leave a master, and none says that they come: nobody answers for what has left it.
        var dangling: Set<Int> = []

        /// - Parameter nodes: what each master that answers tells of itself.
        init(_ nodes: [OpenSlots]) {
            unknown = Set(nodes.flatMap(\.coming)).filter { slot in
                nodes.contains { $0.owns(slot) && !$0.leaving.contains(slot) }
            }
            dangling = Set(nodes.flatMap(\.leaving)).subtracting(nodes.flatMap(\.coming))
        }

        /// Those that were there before as well. A move tells its two masters one after the other.
        func lasting(since before: Breaks) -> Breaks {
            var breaks = self
            breaks.unknown.formIntersection(before.unknown)
            breaks.dangling.formIntersection(before.dangling)
            return breaks
        }
    }

    /// What that means for those who are served by `node`.
    func findings(_ node: String, _ breaks: Breaks) -> [Finding] {
        var found: [Finding] = []
        func add(_ level: Finding.Level, _ slots: Set<Int>, _ sentence: (String) -> String) {
            guard !slots.isEmpty else { return }
            let text = "slots \(KeyShare.text(SlotMap.ranges(slots.contains)))"
            found.append(Finding(level, node, "open-slots", sentence(text)))
        }
        let fix = "redis-cli --cluster fix"
        add(.error, coming.intersection(breaks.unknown)) {
            "\($0) come here, and their master does not know it: states that have come are not found. \(fix)"
        }
        add(.error, leaving.intersection(breaks.dangling)) {
            "\($0) leave it, and no master takes them: states that have left are answered 503. \(fix)"
        }
        add(.warning, leaving.union(coming).subtracting(breaks.unknown).subtracting(breaks.dangling)) {
            "\($0) are on their way: promote no replica of the two masters meanwhile. If nothing moves them: \(fix)"
        }
        return found
    }
}
