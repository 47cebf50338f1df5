import Foundation
import Logging
import StateStore
import SwiftSupport

@testable import DashboardStateServer
@testable import FastCGI

/// What serves a loop's requests, over a Redis whose replies are written down: no socket, no loop.
struct HandlerUnderTest {
    /// An answer, taken apart.
    struct Answer {
        var status = 0
        var fields: [String: String] = [:]
        var body = ""

        /// The last part of a problem's type.
        var problem: String? {
            guard let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any],
                let type = object["type"] as? String
            else { return nil }
            return type.split(separator: ":").last.map(String.init)
        }
    }

    private final class Responder: FastCGI.Responder {
        var answers: [Answer] = []

        func respond(head: RawSpan, body: RawSpan) {
            var answer = Answer(body: body.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
            let text = head.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            for line in text.components(separatedBy: "\r\n") where !line.isEmpty {
                let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                answer.fields[parts[0].lowercased()] = parts[1]
            }
            answer.status = Int(answer.fields["status"]?.prefix(3) ?? "") ?? 0
            answers.append(answer)
        }
    }

    let redis: ScriptedRedis
    private let handler: StateHandler
    private let configuration: Configuration

    init(_ settings: [String: String] = [:], _ answers: ScriptedRedis.Answer...) throws {
        redis = ScriptedRedis(answers)
        configuration = try Configuration(environment: Environment { settings[$0] })
        let (logger, hasher) = (Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, Hasher())
        let store = StateStore(configuration.store, redis, RedisTroubles(logger), sha1: hasher.sha1)
        let log = WorkerLog(logger, LineStyle(format: .text, isJournal: false), IdentityKey())
        handler = StateHandler(configuration, store, hasher, RequestLog(log))
    }

    /// What a signed-in user's request brings.
    static let alice = [
        "SCRIPT_NAME": "/api/dashboard/state", "REMOTE_USER": "alice", "REMOTE_WORKSPACE": "main",
        "CONTENT_TYPE": "application/json",
    ]

    /// The only answer to a request.
    /// - Parameters:
    ///   - length: what `CONTENT_LENGTH` says of the body's length; the truth unless it is given.
    ///   - paramsStatus: where it is another one, none of the parameters is there.
    func answer(
        _ method: String,
        _ params: [String: String?] = [:],
        body: String = "",
        length: String? = nil,
        paramsStatus: ParamsStatus = .complete
    ) throws -> Answer? {
        let all = Self.alice.merging(["REQUEST_METHOD": method]) { _, new in new }.merging(
            params.compactMapValues { $0 }
        ) { _, new in new }
        let sent = all.filter { !params.keys.contains($0.key) || params[$0.key]! != nil }
        let responder = Responder()
        let reader = try ParamsReader(handler.params)
        let announced = (length ?? "\(body.utf8.count)").utf8.withSpan { AnnouncedLength($0) }
        let pairs = paramsStatus == .complete ? sent.map { ($0.key, $0.value) } : []
        FastCGIRecords.pairs(pairs).withUnsafeBytes { content in
            guard let read = reader.read(content) else { return }
            body.utf8.withSpan { body in
                let request = Request(
                    params: read,
                    paramsStatus: paramsStatus,
                    body: body,
                    length: body.byteCount,
                    announced: announced,
                    longest: configuration.maxBody,
                    arrivedAt: 0
                )
                handler.handle(request, responder)
                redis.flush()
            }
        }
        return responder.answers.count == 1 ? responder.answers[0] : nil
    }
}
