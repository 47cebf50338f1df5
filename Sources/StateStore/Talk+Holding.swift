import DashboardState

/// An acknowledgement that waits for replicas, and for whom it is.
final class HeldAcknowledgement: HeldAnswer {
    /// What Redis has answered.
    enum Answer {
        case saved(version: Int64, EntityTag, replaced: Bool)
        case unchanged(version: Int64, tag: [UInt8])
        case deleted(Bool)
    }

    private let answer: Answer
    private let asker: any StateAsker
    private let store: StateStore

    init(_ answer: Answer, _ asker: any StateAsker, _ store: StateStore) {
        self.answer = answer
        self.asker = asker
        self.store = store
    }

    func release(_ isReplicated: Bool) {
        if isReplicated { store.troubles.writeSucceeded(isOfSeveral: store.hasSlots) }
        switch answer {
        case .saved(let version, let tag, let replaced):
            asker.receive(
                isReplicated ? .saved(version: version, tag, replaced: replaced) : SaveResult.failed(.outcomeUnknown)
            )
        case .unchanged(let version, let tag):
            tag.withUnsafeBytes { tag in
                asker.receive(
                    isReplicated
                        ? .unchanged(version: version, tag: RawSpan(_unsafeBytes: tag))
                        : SaveResult.failed(.outcomeUnknown)
                )
            }
        case .deleted(let existed):
            asker.receive(isReplicated ? .deleted(existed) : DeleteResult.failed(.outcomeUnknown))
        }
    }
}

extension Talk {
    /// Keeps an acknowledgement from the asker until replicas have what it is about.
    func hold(_ answer: HeldAcknowledgement.Answer, _ asker: (any StateAsker)?) {
        guard let asker else { return }
        store.redis.hold(HeldAcknowledgement(answer, asker, store))
    }
}
