/// Who is told of which descriptor. Each watch has a number of its own, so that an event of one that has ended reaches
/// nobody, also where its descriptor's number is another's by now.
struct WatchTable {
    private struct Watch {
        var source: (any EventSource)?
        var number: UInt32
    }

    /// At the place of each descriptor: the system gives the lowest that is free, so this is dense.
    private var watches: ContiguousArray<Watch> = []
    /// Of the latest watch. When it begins anew, events of the watch that had the same one are long gone.
    private var number: UInt32 = 0

    /// What events of the next watch will be known by, where it is one of this descriptor.
    func nextWord(_ descriptor: Int32) -> UInt64 { Self.word(descriptor, number &+ 1) }

    /// Watches a descriptor.
    /// - Returns: whoever has been told of it so far, to be released when this is done changing: that may call back.
    mutating func add(_ descriptor: Int32, _ source: any EventSource) -> (any EventSource)? {
        let place = Int(descriptor)
        while watches.count <= place { watches.append(Watch(source: nil, number: 0)) }
        number &+= 1
        watches[place].number = number
        return exchange(place, source)
    }

    /// What events of a descriptor are known by; `nil` where it is not watched.
    func word(_ descriptor: Int32) -> UInt64? {
        guard watches.indices.contains(Int(descriptor)), watches[Int(descriptor)].source != nil else { return nil }
        return Self.word(descriptor, watches[Int(descriptor)].number)
    }

    /// Whom an event is for; `nil` where that watch has ended.
    func source(_ word: UInt64) -> (any EventSource)? {
        // Whatever has such a word was added.
        let watch = watches[Int(truncatingIfNeeded: word & 0xFFFF_FFFF)]
        return watch.number == UInt32(truncatingIfNeeded: word >> 32) ? watch.source : nil
    }

    /// Ends a watch.
    /// - Returns: whoever was told, to be released when this is done changing; `nil` where there was none.
    mutating func remove(_ descriptor: Int32) -> (any EventSource)? {
        word(descriptor) == nil ? nil : exchange(Int(descriptor), nil)
    }

    private mutating func exchange(_ place: Int, _ source: (any EventSource)?) -> (any EventSource)? {
        var source = source
        swap(&source, &watches[place].source)
        return source
    }

    private static func word(_ descriptor: Int32, _ number: UInt32) -> UInt64 {
        UInt64(number) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }
}
