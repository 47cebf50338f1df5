import DashboardState
import RESP

/// The question whether states can be read and written, to each master of a cluster: what they answer together.
final class ReadinessSurvey {
    /// What is known of a share of the keys.
    enum Finding: Equatable {
        case writable
        /// It can be read; the sentence says why it cannot be written.
        case readOnly(String)
        case silent
        /// No master serves it.
        case abandoned
    }

    private let asker: any StateAsker
    private var shares: [KeyShare]
    private var findings: [Finding?]

    private init(_ asker: any StateAsker, _ shares: [KeyShare]) {
        self.asker = asker
        self.shares = shares
        findings = shares.map { $0.isServed ? nil : .abandoned }
    }

    /// Asks each master.
    /// - Parameters:
    ///   - shares: those of all keys; two at least.
    ///   - makeKey: makes a key to try a write of.
    static func begin(
        _ shares: [KeyShare],
        of store: StateStore,
        for asker: any StateAsker,
        makeKey: () -> [UInt8]
    ) {
        // Where the prefix has a hash tag, all keys are one master's.
        let slots = (0..<2).map { _ in HashSlot(of: makeKey().span.bytes).number }
        let isOne = slots[0] == slots[1] && HashSlot(of: makeKey().span.bytes).number == slots[0]
        let survey = ReadinessSurvey(asker, isOne ? shares.filter { $0.contains(slots[0]) } : shares)
        // Asked before any answer comes, as some come at once.
        var keys: [(share: Int, key: [UInt8])] = []
        for (index, share) in survey.shares.enumerated() where share.isServed {
            // Of a share in which no key is found, there is nothing to say.
            guard let key = Self.key(in: share, makeKey()) else {
                survey.findings[index] = .writable
                continue
            }
            keys.append((index, key))
        }
        for (share, key) in keys {
            let part = Part(survey, share)
            let route = store.redis.route(to: HashSlot(of: key.span.bytes))
            let talk = Talk(.readiness(ReadinessConversation()), store, part, route)
            talk.ask { store.commands.tryWrite(key, $0) }
        }
        if keys.isEmpty { survey.endIfComplete() }
    }

    /// So many numbers are tried to find a key in a share, if that is of one slot.
    private static let mostTries = 100_000

    /// A key in a share: one with a number at its end; `nil` where none is found.
    private static func key(in share: KeyShare, _ beginning: [UInt8]) -> [UInt8]? {
        for number in 0..<mostTries {
            let key = beginning + Array("\(number)".utf8)
            if share.contains(HashSlot(of: key.span.bytes).number) { return key }
        }
        return nil
    }

    private func found(_ finding: Finding, _ share: Int) {
        findings[share] = finding
        endIfComplete()
    }

    private func endIfComplete() {
        let known = findings.compactMap { $0 }
        guard known.count == shares.count else { return }
        asker.receive(Self.result(Array(zip(shares, known))))
    }

    /// What the findings come to: where any part can be served, the service is of use.
    static func result(_ findings: [(share: KeyShare, finding: Finding)]) -> ReadinessResult {
        let masters = findings.count { $0.share.isServed }
        let silent = findings.filter { $0.finding == .silent }.map(\.share)
        let abandoned = findings.filter { $0.finding == .abandoned }.map(\.share)
        var sentence: String?
        var readOnly: [KeyShare] = []
        for case (let share, .readOnly(let reason)) in findings {
            readOnly.append(share)
            sentence = sentence ?? reason
        }
        var reasons: [String] = []
        if !silent.isEmpty {
            reasons.append("\(silent.count) of \(masters) masters cannot be asked: slots \(KeyShare.text(silent))")
        }
        if !abandoned.isEmpty { reasons.append("no master serves slots \(KeyShare.text(abandoned))") }
        if let sentence {
            let slots = KeyShare.text(readOnly)
            reasons.append("\(readOnly.count) of \(masters) masters take no writes: slots \(slots): \(sentence)")
        }
        let reason = reasons.joined(separator: "; ")
        if findings.contains(where: { $0.finding == .writable }) { return reason.isEmpty ? .ready : .partly(reason) }
        return readOnly.isEmpty ? .failed(.notCarriedOut) : .readOnly(reason)
    }

    /// Gets one master's answer.
    private final class Part: StateAsker {
        private let survey: ReadinessSurvey
        private let share: Int

        init(_ survey: ReadinessSurvey, _ share: Int) {
            self.survey = survey
            self.share = share
        }

        func receive(_ result: ReadinessResult) {
            switch result {
            case .ready, .partly: survey.found(.writable, share)
            case .readOnly(let sentence): survey.found(.readOnly(sentence), share)
            case .failed: survey.found(.silent, share)
            }
        }

        func receive(_ result: ReadResult) {}
        func receive(_ result: SaveResult) {}
        func receive(_ result: DeleteResult) {}
    }
}
