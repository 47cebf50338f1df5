/// What the sentinels said in a round of questions, and whom to believe: decisions without any I/O.
///
/// A majority of the sentinels that are known is believed, whatever the others say: a failover takes one, so those that
/// are left on the other side of a broken network, with the former master, are fewer. Where a majority cannot be heard,
/// the latest failover counts.
public struct MasterVotes: Equatable, Sendable {
    /// What follows from what was said.
    public enum Verdict: Equatable, Sendable {
        /// Others may still say something that matters.
        case open
        /// So many agree that the others do not matter.
        case agreed(Endpoint.Address)
        /// No majority names one server. These were named, the likeliest first.
        case disputed([Endpoint.Address])
        /// Nobody names one.
        case unknown(MasterLack)
    }

    private var statements: [SentinelStatement?]

    /// A round, in which nobody has said anything.
    public init(sentinels: Int) { statements = Array(repeating: nil, count: sentinels) }

    /// Begins another round.
    public mutating func begin() { statements = Array(repeating: nil, count: statements.count) }

    /// A sentinel says something; only its last word counts.
    public mutating func heard(_ statement: SentinelStatement, from sentinel: Int) { statements[sentinel] = statement }

    private struct Named {
        var address: Endpoint.Address
        var votes: Int
        var epoch: Int
    }

    /// Each server that is named, the likeliest first.
    private var named: [Named] {
        var all: [Named] = []
        for case .names(let address, let epoch)? in statements {
            if let index = all.firstIndex(where: { $0.address == address }) {
                all[index].votes += 1
                all[index].epoch = max(all[index].epoch, epoch)
            } else {
                all.append(Named(address: address, votes: 1, epoch: epoch))
            }
        }
        // A stable order, so that equals are tried as their sentinels stand in the URL.
        return all.enumerated().sorted {
            ($0.element.epoch, $0.element.votes, $1.offset) > ($1.element.epoch, $1.element.votes, $0.offset)
        }.map(\.element)
    }

    /// What follows.
    /// - Parameter isOver: whether those who have said nothing are not waited for.
    public func verdict(isOver: Bool) -> Verdict {
        let named = named
        if let agreed = named.first(where: { $0.votes > statements.count / 2 }) { return .agreed(agreed.address) }
        let isComplete = !statements.contains(nil)
        // While nobody names one, every word may help.
        guard isComplete || isOver && !named.isEmpty else { return .open }
        return named.isEmpty ? .unknown(lack) : .disputed(named.map(\.address))
    }

    /// Whether somebody tells of a later failover than those who name a server: the others will soon know.
    public func isOutdated(_ address: Endpoint.Address) -> Bool {
        let named = named
        guard let latest = named.first, latest.address != address else { return false }
        return latest.epoch > (named.first { $0.address == address }?.epoch ?? -1)
    }

    private var lack: MasterLack {
        if statements.contains(.knowsNoSuchMaster) { return .unknownName }
        for case .refuses? in statements { return .refused }
        return .sentinelsAway
    }
}

/// Why no sentinel names a master.
public enum MasterLack: Equatable, Sendable {
    /// Those who answer watch none of this name.
    case unknownName
    /// Those who answer refuse to say.
    case refused
    /// None of them answers.
    case sentinelsAway
}
