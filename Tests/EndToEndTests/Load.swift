import Foundation
import SwiftSupport

/// Clients that save and read until they are told to stop, each its own document.
final class Load: @unchecked Sendable {
    // Safe: the lock guards the outcome.
    private let lock = NSLock()
    private var isStopping = false
    private var outcome = Outcome()
    private let group = DispatchGroup()

    /// What became of the requests.
    struct Outcome {
        /// How often each status was the answer; 0 stands for none.
        var statuses: [Int: Int] = [:]
        /// How often nginx had closed a kept connection before it got the request. Browsers send it again then, and so
        /// does this.
        var stale = 0
        /// Saves that were acknowledged, and are not there afterwards.
        var lost: [String] = []

        /// Whether every request was answered as it would be in quiet times. 429 is nginx's limit.
        var isUndisturbed: Bool { lost.isEmpty && Set(statuses.keys).isSubset(of: [200, 404, 429]) }
    }

    /// As many as the sample sign-in has documents.
    private static let writers = [Stack.alice, Stack.bob].flatMap { user in ["main", "team"].map { (user, $0) } }

    /// How many there are, each with one request under way at most.
    static let clients = writers.count

    /// Starts them, on threads of their own: a queue may have none free while other tests wait.
    init(port: UInt16) {
        for (user, workspace) in Self.writers {
            group.enter()
            Thread.detachNewThread { [self] in
                write(port, [user, ("X-Workspace", workspace)])
                group.leave()
            }
        }
    }

    /// Stops them.
    func stop() -> Outcome {
        lock.withLock { isStopping = true }
        group.wait()
        return outcome
    }

    private func write(_ port: UInt16, _ fields: [(String, String)]) {
        var client = try? HTTPClient(port: port)
        var sent = 0
        var saved = 0
        var version = 0
        func ask(_ body: String?) -> HTTPClient.Response? {
            while true {
                // Limits on requests go by session and address, and each connection has others.
                if sent == 50 { (client, sent) = (try? HTTPClient(port: port), 0) }
                sent += 1
                let type = body == nil ? [] : [("Content-Type", "application/json")]
                let method = body == nil ? "GET" : "POST"
                let answer = try? client?.request(method, Stack.path, fields + type, body: body.map { Array($0.utf8) })
                lock.withLock {
                    if answer == nil, sent > 1 {
                        outcome.stale += 1
                    } else {
                        outcome.statuses[answer?.status ?? 0, default: 0] += 1
                    }
                }
                guard answer == nil else { return answer }
                guard sent > 1 else { return nil }
                sent = 50
            }
        }
        while !lock.withLock({ isStopping }) {
            version += 1
            let body = #"{"version":\#(version),"state":{"v":\#(version)}}"#
            if let answer = ask(body), answer.status == 200, answer.text.contains(#""success":true"#) {
                saved = version
            }
            let found = ask(nil)
            guard found?.status == 200, let text = found?.text else { continue }
            let stored = Int(text.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
            if stored < saved { lock.withLock { outcome.lost.append("\(saved) became \(stored)") } }
        }
    }
}
