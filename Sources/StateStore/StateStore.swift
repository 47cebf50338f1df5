import DashboardState
import EventLoop
import RESP

/// States in Redis: runs the conversations of `DashboardState` over a ``Redis``. One for each loop, on its thread.
///
/// ```swift
/// let store = StateStore(settings, redis, troubles, sha1: hasher.sha1)
/// store.read(identity, ifMatch: .none, ifNoneMatch: .none, for: asker)   // asker.receive(_: ReadResult) follows
/// store.flush()
/// ```
public final class StateStore {
    let redis: any Redis
    let commands: StateCommands
    let renewal: Renewal
    let troubles: RedisTroubles
    let sha1: (RawSpan) -> [UInt8]
    let hasSlots: Bool
    let waitsForReplicas: Bool
    /// The entity tag of a document that other software wrote, when one is read.
    ///
    /// Unchecked like what follows: a store is one loop's, and asks one thing at a time. Checks at run time cost a request
    /// some 60 instructions each.
    @exclusivity(unchecked) var derivedTag: [UInt8] = []
    @exclusivity(unchecked) private var random = RandomPool()
    @exclusivity(unchecked) private var key: [UInt8] = []
    /// The key under which a document lies before it is decided on, and nothing after that; empty where none is known.
    @exclusivity(unchecked) private var stagingKey: [UInt8] = []
    @exclusivity(unchecked) private var documentHead: [UInt8] = []
    private let settings: StoreSettings
    /// `nil` where keys have no slots.
    private let keyBeginning: HashSlot.Beginning?
    /// States of this many bytes or more are sent ahead of the script. Below, a second command costs Redis as much as
    /// it saves: `bench/RESULTS.md` has the measurement.
    static let stagedLength = 3072

    /// A store.
    /// - Parameters:
    ///   - troubles: told what is wrong with Redis.
    ///   - sha1: makes 40 lowercase hex digits of bytes.
    public init(
        _ settings: StoreSettings,
        _ redis: any Redis,
        _ troubles: RedisTroubles,
        sha1: @escaping (RawSpan) -> [UInt8]
    ) {
        self.settings = settings
        hasSlots = redis.hasSlots
        keyBeginning = redis.hasSlots ? HashSlot.Beginning(settings.keyPrefix) : nil
        self.redis = redis
        self.troubles = troubles
        self.sha1 = sha1
        waitsForReplicas = redis.waitsForReplicas
        commands = StateCommands(settings, sha1: sha1)
        renewal = Renewal(settings, commands, redis, troubles.counts)
    }

    /// Monotonic nanoseconds at which the batch in hand began: what was asked since then is not sent.
    public var now: UInt64 { redis.now }

    /// Sends what was asked since the last time. To be called before the loop waits.
    public func flush() { redis.flush() }

    /// Calls back once nothing is under way that nobody waits for: at once, or later.
    public func whenIdle(_ call: @escaping () -> Void) { renewal.whenIdle(call) }

    /// Reads a state under preconditions.
    public func read(_ identity: Identity, ifMatch: Precondition, ifNoneMatch: Precondition, for asker: any StateAsker)
    {
        takeKey(identity)
        let conversation = ReadConversation(ifMatch: ifMatch, ifNoneMatch: ifNoneMatch)
        let talk = Talk(.read(conversation), self, asker, route(to: key))
        talk.ask { commands.read(key, $0) }
    }

    /// Saves a document as a state, under preconditions.
    public func save(
        _ document: NewDocument,
        of identity: Identity,
        under conditions: Conditions,
        for asker: any StateAsker
    ) {
        takeKey(identity)
        let tag = EntityTag(using: &random)
        let isStaged = takeStagingKey(tag) && document.state.byteCount >= Self.stagedLength
        documentHead.removeAll(keepingCapacity: true)
        DocumentHead.append(
            version: document.version,
            lastModified: document.lastModified ?? Timestamp(milliseconds: Clock.unixMilliseconds()),
            tag: tag,
            checksum: document.checksum,
            ancestry: document.ancestry,
            to: &documentHead
        )
        let arguments = SaveArguments(
            version: document.version,
            secondsToLive: settings.secondsToLive,
            hasClientTime: document.lastModified != nil,
            conditions: conditions
        )
        let conversation = Conversation.save(SaveConversation(isStaged: isStaged), version: document.version, tag: tag)
        let talk = Talk(conversation, self, asker, route(to: key))
        documentHead.withUnsafeBytes { head in
            let parts = StateCommands.DocumentParts(head: RawSpan(_unsafeBytes: head), state: document.state)
            if isStaged {
                talk.askByScript(length: parts.state.byteCount) {
                    commands.stagedSave(key, staging: stagingKey, parts, arguments, $0)
                }
            } else {
                talk.askByScript(length: parts.state.byteCount) {
                    commands.save(key, spare: stagingKey, parts, arguments, $0)
                }
            }
        }
    }

    /// Deletes a state, under preconditions.
    public func delete(_ identity: Identity, under conditions: Conditions, for asker: any StateAsker) {
        takeKey(identity)
        // A DEL that finds nothing writes nothing, so no WAIT would speak for it.
        let isPlain = conditions.isUnconditional && !waitsForReplicas
        let conversation = DeleteConversation(isConditional: !isPlain)
        let talk = Talk(.delete(conversation), self, asker, route(to: key))
        guard !isPlain else { return talk.ask { commands.delete(key, $0) } }
        takeStagingKey(EntityTag(using: &random))
        let arguments = DeleteArguments(conditions, writesAlways: waitsForReplicas)
        talk.askByScript { commands.delete(key, spare: stagingKey, arguments, $0) }
    }

    /// Asks whether states can be written, by a write that changes nothing.
    public func tryWrite(for asker: any StateAsker) {
        let shares = redis.shares
        guard shares.count < 2 else {
            return ReadinessSurvey.begin(shares, of: self, for: asker) {
                commands.keyForTrying(EntityTag(using: &random))
            }
        }
        let key = commands.keyForTrying(EntityTag(using: &random))
        let talk = Talk(.readiness(ReadinessConversation()), self, asker, route(to: key))
        talk.ask { commands.tryWrite(key, $0) }
    }

    /// A server alone is not even asked for it.
    @inline(__always)
    private func route(to key: [UInt8]) -> Route {
        guard let keyBeginning else { return .only }
        return redis.route(to: HashSlot(of: key.span.bytes, after: keyBeginning))
    }

    private func takeKey(_ identity: Identity) {
        key.removeAll(keepingCapacity: true)
        StateKey.append(identity, prefix: settings.keyPrefix, to: &key)
    }

    /// - Returns: whether there is one.
    @discardableResult
    private func takeStagingKey(_ tag: EntityTag) -> Bool {
        stagingKey.removeAll(keepingCapacity: true)
        return StagingKey.append(key, prefix: settings.keyPrefix, tag: tag, to: &stagingKey)
    }
}
