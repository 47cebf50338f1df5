import EventLoop
import RESP

/// The masters of a cluster that are spoken to from a loop, each by links of its own, and who of them serves which slot.
///
/// A node has a place for as long as anybody may be waiting for it: links are made at need, and closed once the node serves
/// no slot any more and has answered all.
final class ClusterNodes {
    /// In place of a node where there is none.
    static let nobody = SlotMap.nobody

    /// Called where a node cannot be reached, is lost, or answers nothing for a while.
    var onTrouble: () -> Void = {}
    private let make: (Endpoint.Address) -> LoopLink
    // Unchecked like what follows: all is one loop's, and nothing calls back while it changes.
    @exclusivity(unchecked) private(set) var links: [LoopLink?] = []
    private var addresses: [Endpoint.Address?] = []
    /// For each slot the place of its node.
    @exclusivity(unchecked) private var owners = [UInt16](repeating: nobody, count: HashSlot.count)
    /// Places of those who serve no slot. Each batch asks: checks at run time cost a read 160 instructions.
    @exclusivity(unchecked) private var retired: [UInt16] = []

    /// - Parameter make: makes the links to a node.
    init(make: @escaping (Endpoint.Address) -> LoopLink) { self.make = make }

    /// The place of the node that serves a slot.
    @inline(__always)
    func owner(_ slot: UInt16) -> UInt16 { owners[Int(slot)] }

    /// The slots of each node that serves any.
    var shares: [[ClosedRange<Int>]] {
        Set(owners).subtracting([Self.nobody]).map { place in SlotMap.ranges { owners[$0] == place } }
            .sorted { $0[0].lowerBound < $1[0].lowerBound }
    }

    /// The slots that nobody serves.
    var uncovered: [ClosedRange<Int>] { SlotMap.ranges { owners[$0] == Self.nobody } }

    /// The address of the node whose reply is being delivered.
    var delivering: Endpoint.Address? {
        links.firstIndex { $0?.isDelivering == true }.flatMap { addresses[$0] }
    }

    /// The links of the node whose reply is being delivered.
    var deliveringLink: LoopLink? { links.lazy.compactMap { $0 }.first(where: \.isDelivering) }

    /// A map was told.
    func take(_ map: SlotMap) {
        let places = map.masters.map(place)
        for slot in 0..<HashSlot.count {
            let owner = map.owners[slot]
            owners[slot] = owner == SlotMap.nobody ? Self.nobody : places[Int(owner)]
        }
        retired = links.indices.map(UInt16.init).filter { links[Int($0)] != nil && !places.contains($0) }
    }

    /// A slot has moved to another node.
    func move(_ slot: HashSlot, to place: UInt16) {
        owners[Int(slot.number)] = place
        retired.removeAll { $0 == place }
    }

    /// The place of the node with this address, which gets one where it has none.
    func place(of address: Endpoint.Address) -> UInt16 {
        if let place = addresses.firstIndex(of: address) { return UInt16(place) }
        let link = make(address)
        link.onTrouble = { [unowned self] in onTrouble() }
        guard let free = addresses.firstIndex(of: nil) else {
            addresses.append(address)
            links.append(link)
            return UInt16(links.count - 1)
        }
        addresses[free] = address
        links[free] = link
        return UInt16(free)
    }

    /// Sends what was asked. Nothing of a link must be called meanwhile.
    func flush() {
        // They stay where they are meanwhile, so nobody has to count who refers to them: each batch calls all.
        for place in links.indices {
            guard let link = links[place].map(Unmanaged.passUnretained) else { continue }
            link._withUnsafeGuaranteedRef { $0.flushIfTouched() }
        }
        guard !retired.isEmpty else { return }
        retired.removeAll { place in
            guard let link = links[Int(place)], link.isIdle else { return false }
            link.close()
            links[Int(place)] = nil
            addresses[Int(place)] = nil
            return true
        }
    }
}
