import Glibc
import SwiftSupport
import Testing

@testable import FastCGI

/// What web servers may send beside one request after the other, and what they get for it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct RecordTests {
    private let server: EchoServer
    private let client: FastCGIClient

    init() throws {
        server = try EchoServer()
        client = try server.client()
    }

    private func params(_ user: String, _ wish: String = "") -> [(String, String)] {
        [("REQUEST_METHOD", "POST"), ("REMOTE_USER", user), ("ANSWER", wish)]
    }

    private func request(
        _ user: String,
        _ wish: String = "",
        id: UInt16 = 1,
        keep: Bool = true,
        body: [UInt8] = []
    ) -> [UInt8] {
        FastCGIRecords.request(params(user, wish), body: body, id: id, keep: keep)
    }

    /// Has what is held back answered.
    private func release() throws { #expect(try server.client().roundTrip(params("x", "release")).status == 200) }

    private func expectAnswer(_ user: String, id: UInt16 = 1) throws {
        let answer = try client.receive()
        #expect(answer.status == 200 && answer.fields["user"] == user && answer.id == id)
    }

    @Test(arguments: ["idle", "arriving", "answering"])
    func managementRecordsAreAnsweredAtAnyTime(when: String) throws {
        let whole = request("alice", "hold", body: [1, 2, 3])
        let sent = ["idle": 0, "arriving": whole.count - 8, "answering": whole.count][when] ?? 0
        try client.send(Array(whole[..<sent]))
        let asked = [("FCGI_MAX_CONNS", ""), ("FCGI_MAX_REQS", ""), ("FCGI_MPXS_CONNS", ""), ("OTHER", "")]
        let records =
            FastCGIRecords.record(9, id: 0, FastCGIRecords.pairs(asked), padding: 5) + FastCGIRecords.record(99, id: 0)
        // Byte by byte as well as at once.
        for byte in records { try client.send([byte]) }
        try client.send(records)
        for _ in 1...2 {
            let values = try client.receiveManagement()
            let text = String(decoding: values.content, as: UTF8.self)
            #expect(values.type == 10 && text.contains("FCGI_MAX_CONNS") && text.hasSuffix("FCGI_MPXS_CONNS0"))
            #expect(text.contains("FCGI_MAX_REQS") && !text.contains("OTHER"))
            let unknown = try client.receiveManagement()
            #expect(unknown.type == 11 && unknown.content == [99, 0, 0, 0, 0, 0, 0, 0])
        }
        try client.send(Array(whole[sent...]))
        usleep(50_000)
        try release()
        try expectAnswer("alice")
    }

    @Test func onlyValuesThatAreAskedForAreTold() throws {
        try client.send(FastCGIRecords.record(9, id: 0, FastCGIRecords.pairs([("FCGI_MPXS_CONNS", "")])))
        #expect(try client.receiveManagement().content == [15, 1] + Array("FCGI_MPXS_CONNS0".utf8))
        try client.send(FastCGIRecords.record(9, id: 0))
        #expect(try client.receiveManagement().content.isEmpty)
        // No list of pairs.
        try client.send(FastCGIRecords.record(9, id: 0, [255, 255, 255]))
        #expect(try client.receiveManagement().content.isEmpty)
    }

    @Test func recordsOfRequestsThatAreOverAreIgnored() throws {
        #expect(try client.roundTrip(params("alice")).status == 200)
        let others = FastCGIRecords.record(5, id: 7, [UInt8](repeating: 1, count: 60_000))
        try client.send(FastCGIRecords.record(2) + others)
        #expect(try client.roundTrip(params("bob")).fields["user"] == "bob")
        // Half of such a record comes with a request, half of it behind.
        let late = FastCGIRecords.record(5, id: 9, [1, 2, 3, 4, 5, 6, 7, 8])
        try client.send(request("carol", "hold") + Array(late[..<11]))
        usleep(50_000)
        try release()
        try expectAnswer("carol")
        try client.send(Array(late[11...]) + request("dave"))
        try expectAnswer("dave")
    }

    @Test func anAbortedRequestIsEndedAndTheNextOneServed() throws {
        let whole = request("alice", body: [UInt8](repeating: 1, count: 100_000))
        let begin = Array(whole[..<16])
        let head = begin + FastCGIRecords.stream(4, FastCGIRecords.pairs(params("alice")))
        for start in [begin, head, head + FastCGIRecords.record(5, [1, 2, 3]), Array(whole.dropLast(8))] {
            try client.send(start + FastCGIRecords.record(2))
            let end = try client.receive()
            #expect(end.protocolStatus == 0 && end.fields.isEmpty && end.id == 1)
            try client.send(request("bob"))
            try expectAnswer("bob")
        }
        // One that the handler has goes on, and ends with its answer.
        try client.send(request("carol", "hold"))
        usleep(50_000)
        try client.send(FastCGIRecords.record(2))
        usleep(50_000)
        try release()
        try expectAnswer("carol")
        #expect(try client.roundTrip(params("dave")).fields["user"] == "dave")
        // And one whose connection is not kept closes it.
        try client.send(FastCGIRecords.begin(keep: false) + FastCGIRecords.record(2))
        #expect(try client.receive().protocolStatus == 0)
        #expect(client.isClosed())
    }

    /// In the middle of the first, behind it in one write, and while it waits for its answer.
    @Test(arguments: ["within", "behind", "later"])
    func aSecondRequestIsRefusedAndHarmsNotTheFirst(when: String) throws {
        let first = request("alice", "hold", body: [1, 2, 3])
        let second = request("mallory", id: 2, body: [UInt8](repeating: 4, count: 100_000))
        let split = when == "within" ? 16 : first.count
        if when == "later" {
            try client.send(first)
            usleep(50_000)
            try client.send(second)
        } else {
            try client.send(Array(first[..<split]) + second + Array(first[split...]))
        }
        let refusal = try client.receive()
        #expect(refusal.id == 2 && refusal.protocolStatus == 1 && refusal.fields.isEmpty)
        try release()
        let answer = try client.receive()
        #expect(answer.fields["user"] == "alice" && answer.id == 1 && answer.body == [1, 2, 3])
        #expect(try client.roundTrip(params("bob")).fields["user"] == "bob")
    }

    /// Where the first has had its answer when the second is read.
    @Test func requestsThatComeTogetherAreServedInTurn() throws {
        let users = (0..<300).map { "user\($0)" }
        try client.send(users.enumerated().flatMap { request($1, id: UInt16($0 + 1), body: [UInt8]($1.utf8)) })
        for (index, user) in users.enumerated() { try expectAnswer(user, id: UInt16(index + 1)) }
        // And where the first answer has to be taken before.
        try client.send(request("alice", "5000000") + request("bob", id: 2) + request("carol", id: 3))
        usleep(100_000)
        #expect(try client.receive().body.count == 5_000_000)
        try expectAnswer("bob", id: 2)
        try expectAnswer("carol", id: 3)
    }

    @Test(arguments: [UInt8(2), 3, 9])
    func otherRolesAreRefusedAtOnce(role: UInt8) throws {
        // An authorizer gets no stdin.
        try client.send(FastCGIRecords.begin(role: role))
        #expect(try client.receive().protocolStatus == 3)
        try client.send(FastCGIRecords.stream(4, FastCGIRecords.pairs(params("alice"))))
        #expect(try client.roundTrip(params("bob"), body: [1]).fields["user"] == "bob")
        try client.send(
            FastCGIRecords.begin(role: role, keep: false) + FastCGIRecords.stream(4, FastCGIRecords.pairs(params("x")))
        )
        #expect(try client.receive().protocolStatus == 3)
        #expect(client.isClosed())
    }

    @Test(arguments: ["at once", "while it is answered", "a long answer"])
    func aPeerThatHasFinishedWritingGetsItsAnswer(when: String) throws {
        let wish = ["while it is answered": "hold", "a long answer": "5000000"][when] ?? ""
        try client.send(request("alice", wish))
        client.endOutput()
        usleep(50_000)
        if wish == "hold" { try release() }
        let answer = try client.receive()
        #expect(answer.fields["user"] == "alice" && answer.body.count == (wish == "5000000" ? 5_000_000 : 0))
        #expect(client.isClosed())
    }

    @Test func tooManyParamsAreSaidToBeThat() throws {
        for count in [66_000, 1_000_000] {
            let long = params("alice") + [("HTTP_X", String(repeating: "x", count: count))]
            let answer = try client.roundTrip(long, body: [1, 2])
            #expect(answer.fields["too-many-params"] == "yes" && answer.fields["user"] == "none")
        }
        #expect(try client.roundTrip(params("bob")).fields["user"] == "bob")
    }
}
