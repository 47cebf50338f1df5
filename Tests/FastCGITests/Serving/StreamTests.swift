import FastCGI
import Foundation
import SwiftSupport
import Testing

/// Streams of records that went wrong on the way, to a server on its socket. `FUZZ_RUNS` says how many.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct StreamTests {
    private static let runs = ProcessInfo.processInfo.environment["FUZZ_RUNS"].flatMap { Int($0) } ?? 10_000

    private static func request(_ user: String, _ wish: String, id: UInt16 = 1) -> [UInt8] {
        let params = [("REQUEST_METHOD", "POST"), ("REMOTE_USER", user), ("ANSWER", wish), ("CONTENT_LENGTH", "3")]
        return FastCGIRecords.request(params, body: [1, 2, 3], id: id)
    }

    private static var seeds: [[UInt8]] {
        let beside =
            FastCGIRecords.record(9, id: 0, FastCGIRecords.pairs([("FCGI_MPXS_CONNS", "")]))
            + FastCGIRecords.record(99, id: 0, [1, 2, 3]) + FastCGIRecords.record(2)
        let held = request("alice", "hold")
        return [
            request("alice", "") + request("bob", "", id: 2), held, held + request("bob", "", id: 2) + beside,
            Array(held[..<16]) + beside + request("bob", "300000"), FastCGIRecords.begin(role: 2) + held,
            Array(held[..<16]) + FastCGIRecords.begin(id: 3) + Array(held[16...]) + beside,
            beside + request("x", "70000"),
        ]
    }

    /// Whatever is sent: what comes back are whole records of requests that were begun, the connection ends, and others are
    /// served meanwhile and afterwards.
    @Test func streamsThatWentWrongAreAnsweredInOrder() throws {
        let server = try EchoServer(limits: Limits(longestBody: 1000))
        let control = try server.client()
        var random = SeededGenerator(seed: 1996)
        let seeds = Self.seeds
        var answers = 0
        for _ in 0..<Self.runs {
            let bytes = Mutation.next(seeds, using: &random)
            let client = try server.client()
            // It may be closed before all of it is written.
            try? client.send(bytes)
            client.endOutput()
            let answer = try control.roundTrip([("REMOTE_USER", "control"), ("ANSWER", "release")])
            #expect(answer.fields["user"] == "control")
            let received = try readAll(client, control)
            guard let ends = Self.ends(received) else {
                Issue.record("no records: \(Data(bytes).base64EncodedString())")
                return
            }
            answers += ends
        }
        #expect(answers > Self.runs / 2)
    }

    /// Reads to the end, which some have to wait for until what is held back is answered.
    private func readAll(_ client: FastCGIClient, _ control: FastCGIClient) throws -> [UInt8] {
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        for _ in 0..<3000 {
            var waiting = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 10) == 0 {
                _ = try control.roundTrip([("REMOTE_USER", "control"), ("ANSWER", "release")])
                continue
            }
            let count = recv(client.descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return received }
            received += chunk[..<count]
        }
        Issue.record("a connection that does not end")
        return received
    }

    /// How many requests are ended by these records; `nil` where they are none.
    private static func ends(_ bytes: [UInt8]) -> Int? {
        var at = 0
        var ends = 0
        var open: UInt16?
        while at < bytes.count {
            guard bytes.count - at >= 8, bytes[at] == 1 else { return nil }
            let id = UInt16(bytes[at + 2]) << 8 | UInt16(bytes[at + 3])
            let length = 8 + (Int(bytes[at + 4]) << 8 | Int(bytes[at + 5])) + Int(bytes[at + 6])
            guard at + length <= bytes.count else { return nil }
            switch bytes[at + 1] {
            // Nothing of another request comes within an answer.
            case 6 where id != 0 && (open == nil || open == id): open = id
            case 3 where id != 0 && (open == nil || open == id):
                open = nil
                ends += 1
            case 10 where id == 0 && open == nil, 11 where id == 0 && open == nil: break
            default: return nil
            }
            at += length
        }
        return open == nil ? ends : nil
    }
}
