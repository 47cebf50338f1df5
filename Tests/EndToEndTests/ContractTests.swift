import SwiftSupport
import Testing

/// What the service promises over HTTP, through nginx, row by row.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ContractTests {
    private static let shared = Result { try Stack() }
    private let stack: Stack

    init() throws {
        stack = try Self.shared.get()
        try stack.redis.cli("FLUSHDB")
    }

    private let key = "hyvve:dashboard:state:alice:main"
    private let representation = ("Prefer", "return=representation")

    @Test func aStateIsSavedReadAndDeleted() throws {
        #expect(try stack.state("GET").isProblem("nothing-stored"))
        let saved = try stack.state("POST", #"{"version":5,"state":{"b":[1, 2.50],"a":"\u00fc"}}"#)
        #expect(saved.status == 200 && saved.text == #"{"success":true,"serverVersion":5}"#)
        #expect(saved.fields["content-type"] == "application/json")
        let read = try stack.state("GET")
        #expect(read.status == 200 && read.tag == saved.tag && read.fields["cache-control"] == "private, no-cache")
        #expect(read.text.hasPrefix(#"{"version":5,"lastModified":"20"#))
        // The state's bytes come back as they went.
        #expect(read.text.hasSuffix(#","state":{"b":[1, 2.50],"a":"\u00fc"}}"#))
        #expect(try stack.redis.cli("GET", key) == read.text)
        #expect(try stack.state("DELETE").text == #"{"success":true}"#)
        #expect(try stack.state("DELETE").text == #"{"success":false}"#)
        #expect(try stack.state("GET").status == 404)
    }

    @Test func headHasTheFieldsOfGet() throws {
        #expect(try stack.state("HEAD").status == 404)
        _ = try stack.state("POST", #"{"version":1,"state":{}}"#)
        let client = try HTTPClient(port: stack.port)
        let (get, head) = (try client.state("GET"), try client.state("HEAD"))
        #expect(head.status == 200 && head.body.isEmpty && head.tag == get.tag)
        #expect(head.fields["content-length"] == String(get.body.count))
        #expect(try client.state("GET").status == 200)
    }

    // MARK: The rules of a save

    @Test func versionsDecide() throws {
        #expect(
            try stack.state("POST", #"{"version":5,"state":{"v":5}}"#).text == #"{"success":true,"serverVersion":5}"#
        )
        let older = try stack.state("POST", #"{"version":4,"state":{"v":4}}"#)
        #expect(older.status == 200 && older.fields["etag"] == nil)
        #expect(older.text == #"{"success":false,"serverVersion":5,"conflictResolution":"server"}"#)
        let newer = try stack.state("POST", #"{"version":6,"state":{"v":6}}"#)
        #expect(newer.text == #"{"success":true,"serverVersion":6,"conflictResolution":"client"}"#)
        #expect(try stack.state("GET").text.hasSuffix(#""state":{"v":6}}"#))
        let highest = #"{"version":9007199254740991,"state":{}}"#
        #expect(try stack.state("POST", highest).text.contains(#""serverVersion":9007199254740991"#))
        #expect(try stack.state("POST", #"{"version":9007199254740990,"state":{}}"#).text.contains("740991"))
    }

    @Test func aRepeatedSaveChangesNothingButTheTimeToLive() throws {
        let body = #"{"version":5,"state":{"a":1}}"#
        let first = try stack.state("POST", body)
        let stored = try stack.redis.cli("GET", key)
        try stack.redis.cli("EXPIRE", key, "100")
        let second = try stack.state("POST", body)
        #expect(second.text == first.text && second.tag == first.tag)
        #expect(try stack.redis.cli("GET", key) == stored)
        #expect(try Int(stack.redis.cli("TTL", key)) ?? 0 > 2_591_000)
    }

    @Test func atEqualVersionsTheLaterTimeWins() throws {
        func save(_ value: Int, _ time: String?) throws -> String {
            let modified = time.map { #","lastModified":"\#($0)""# } ?? ""
            return try stack.state("POST", #"{"version":5,"state":{"v":\#(value)}\#(modified)}"#).text
        }
        let (client, server) = (#""conflictResolution":"client"}"#, #""conflictResolution":"server"}"#)
        _ = try save(1, "2026-01-01T12:00:00Z")
        #expect(try save(2, "2026-01-01T11:59:59.999Z").hasSuffix(server))
        #expect(try save(3, "2026-01-01T12:30:00+01:00").hasSuffix(server))
        #expect(try save(4, "2026-01-01T12:00:00Z").hasSuffix(client))
        #expect(try save(5, "2026-01-01T12:00:01Z").hasSuffix(client))
        #expect(try stack.state("GET").text.contains(#""lastModified":"2026-01-01T12:00:01.000Z""#))
        #expect(try save(6, nil).hasSuffix(client))
    }

    @Test func statesWithOneChecksumAreTheSame() throws {
        let sum = "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777"
        let first = try stack.state("POST", #"{"version":1,"state":{"a":1,"b":2},"checksum":"\#(sum)"}"#)
        #expect(first.status == 200)
        let other = try stack.state("POST", #"{"version":1,"state":{ "b":2.0,"a":1},"checksum":"\#(sum)"}"#)
        #expect(other.tag == first.tag)
        #expect(try stack.state("GET").text.contains(#""checksum":"\#(sum)""#))
    }

    // MARK: Preconditions

    @Test func writesDependOnEntityTags() throws {
        #expect(try stack.state("POST", #"{"version":1,"state":{}}"#, [("If-Match", "*")]).status == 412)
        #expect(try stack.state("POST", #"{"version":1,"state":{}}"#, [("If-Match", "\"x\"")]).status == 412)
        #expect(try stack.redis.cli("EXISTS", key) == "0")
        let first = try stack.state("POST", #"{"version":1,"state":{}}"#, [("If-None-Match", "*")])
        #expect(first.status == 200)
        let second = try stack.state("POST", #"{"version":2,"state":{}}"#, [("If-None-Match", "*")])
        #expect(second.isProblem("precondition-failed") && second.status == 412)
        let third = try stack.state("POST", #"{"version":2,"state":{}}"#, [("If-Match", "\"x\", W/\(first.tag)")])
        #expect(third.status == 200 && third.tag != first.tag)
        // With it satisfied, the version still decides.
        let old = try stack.state("POST", #"{"version":1,"state":{"o":1}}"#, [("If-Match", third.tag)])
        #expect(old.text.contains(#""success":false"#))
        #expect(try stack.state("POST", #"{"version":9,"state":{}}"#, [("If-Match", first.tag)]).status == 412)
        #expect(try stack.state("POST", #"{"version":9,"state":{}}"#, [("If-Match", "*")]).status == 200)
        #expect(try stack.state("POST", #"{"version":10,"state":{}}"#, [("If-Match", "x")]).status == 400)
    }

    @Test func aRetryIsNoConflictWithOneself() throws {
        let first = try stack.state("POST", #"{"version":1,"state":{"a":1}}"#, [("If-None-Match", "*")])
        let again = try stack.state("POST", #"{"version":1,"state":{"a":1}}"#, [("If-None-Match", "*")])
        #expect(again.status == 200 && again.tag == first.tag)
        let second = try stack.state("POST", #"{"version":2,"state":{"a":2}}"#, [("If-Match", first.tag)])
        let retry = try stack.state("POST", #"{"version":2,"state":{"a":2}}"#, [("If-Match", first.tag)])
        #expect(retry.status == 200 && retry.tag == second.tag)
        #expect(try stack.state("POST", #"{"version":2,"state":{"a":3}}"#, [("If-Match", first.tag)]).status == 412)
    }

    @Test func deletesDependOnEntityTagsToo() throws {
        #expect(try stack.state("DELETE", nil, [("If-Match", "*")]).status == 412)
        let tag = try stack.state("POST", #"{"version":1,"state":{}}"#).tag
        let failed = try stack.state("DELETE", nil, [("If-Match", "\"x\""), representation])
        #expect(failed.status == 412 && failed.text.contains(#","current":{"version":1,"#))
        #expect(try stack.state("DELETE", nil, [("If-None-Match", "*")]).status == 412)
        #expect(try stack.state("DELETE", nil, [("If-Match", tag)]).text == #"{"success":true}"#)
        // A tag never comes back, not after a delete either.
        let next = try stack.state("POST", #"{"version":1,"state":{}}"#).tag
        #expect(next != tag)
    }

    @Test func readsDependOnEntityTags() throws {
        let tag = try stack.state("POST", #"{"version":1,"state":{}}"#).tag
        for field in [tag, "W/" + tag, "\"x\", " + tag, "*"] {
            let answer = try stack.state("GET", nil, [("If-None-Match", field)])
            #expect(answer.status == 304 && answer.tag == tag && answer.body.isEmpty)
            #expect(answer.fields["cache-control"] == "private, no-cache")
        }
        #expect(try stack.state("GET", nil, [("If-None-Match", "\"x\"")]).status == 200)
        #expect(try stack.state("GET", nil, [("If-Match", "\"x\"")]).status == 412)
        #expect(try stack.state("GET", nil, [("If-Match", tag)]).status == 200)
    }

    @Test func aRefusalBringsTheStoredDocument() throws {
        _ = try stack.state("POST", #"{"version":5,"state":{"v":5}}"#)
        let stored = try stack.state("GET").text
        let refused = try stack.state("POST", #"{"version":4,"state":{}}"#, [representation])
        #expect(refused.text.hasSuffix(#","current":\#(stored)}"#))
        #expect(refused.fields["preference-applied"] == "return=representation")
        let failed = try stack.state("POST", #"{"version":6,"state":{}}"#, [("If-Match", "\"x\""), representation])
        #expect(failed.status == 412 && failed.text.hasSuffix(#","current":\#(stored)}"#))
        #expect(!(try stack.state("POST", #"{"version":4,"state":{}}"#).text.contains("current")))
    }

    // MARK: Bodies

    @Test(
        arguments: [
            ("{", 400, "invalid-body", nil), ("", 400, "invalid-body", nil), ("[]", 400, "invalid-body", nil),
            (#"{"version":"1","state":{}}"#, 400, "invalid-body", "version"),
            (#"{"version":1,"state":[]}"#, 400, "invalid-body", "state"),
            (#"{"version":1,"state":{},"checksum":1}"#, 400, "invalid-body", "checksum"),
            (#"{"version":1,"state":{},"lastModified":"x"}"#, 400, "invalid-body", "lastModified"),
            (#"{"version":1,"state":{},"checksum":"x"}"#, 422, "checksum-mismatch", "checksum"),
            (#"{"version":1,"state":{"a":1e999},"checksum":"x"}"#, 422, "no-canonical-form", "checksum"),
        ] as [(String, Int, String, String?)]
    )
    func wrongBodiesAreNamed(body: String, status: Int, kind: String, field: String?) throws {
        let answer = try stack.state("POST", body)
        #expect(answer.status == status && answer.isProblem(kind), "\(answer.text)")
        if let field { #expect(answer.text.contains(#""field":"\#(field)""#)) }
        #expect(try stack.redis.cli("DBSIZE") == "0")
    }

    @Test func onlyPlainJSONIsTaken() throws {
        let client = try HTTPClient(port: stack.port)
        let body = Array(#"{"version":1,"state":{}}"#.utf8)
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json"] {
            let answer = try client.request("POST", Stack.path, [Stack.alice, ("Content-Type", type)], body: body)
            #expect(answer.status == 415 && answer.isProblem("not-json"))
        }
        #expect(try client.request("POST", Stack.path, [Stack.alice], body: body).status == 415)
        let gzip = [Stack.alice, ("Content-Type", "application/json"), ("Content-Encoding", "gzip")]
        #expect(try client.request("POST", Stack.path, gzip, body: body).isProblem("encoded-body"))
        let utf8 = [Stack.alice, ("Content-Type", "Application/JSON; Charset=UTF-8")]
        #expect(try client.request("POST", Stack.path, utf8, body: body).status == 200)
    }

    @Test func sizesUpToTheLimitAreTaken() throws {
        func body(_ size: Int) -> String {
            let frame = #"{"version":1,"state":{"x":""}}"#
            return #"{"version":1,"state":{"x":""# + String(repeating: "x", count: size - frame.utf8.count) + #""}}"#
        }
        let client = try HTTPClient(port: stack.port)
        for size in [1 << 20, 100_000, 20_000] {
            try stack.redis.cli("FLUSHDB")
            #expect(try client.state("POST", body(size)).status == 200)
            #expect(try client.state("GET").body.count > size)
        }
        let over = try client.state("POST", body((1 << 20) + 1))
        #expect(over.status == 413 && over.text.contains(#""limit":1048576,"actual":1048577"#))
        // The connection is still in step after a body that was thrown away.
        #expect(try client.state("GET").status == 200)
        let far = try stack.state("POST", body(1_200_000))
        #expect(far.status == 413 && far.isProblem("body-too-large"))
    }

    // MARK: Storage

    @Test func timesToLiveAreRenewed() throws {
        func remaining() throws -> Int { try Int(stack.redis.cli("TTL", key)) ?? 0 }
        _ = try stack.state("POST", #"{"version":1,"state":{}}"#)
        #expect(try remaining() > 2_591_000)
        // What was saved of late is not looked after.
        try stack.redis.cli("EXPIRE", key, "100")
        #expect(try stack.state("GET").status == 200)
        #expect(try remaining() <= 100)
        // Nobody waits for what happens behind a read.
        let old = #"{"version":2,"state":{},"lastModified":"2020-01-01T00:00:00.000Z"}"#
        _ = try stack.state("POST", old)
        try stack.redis.cli("EXPIRE", key, "100")
        #expect(try stack.state("GET").status == 200)
        while try remaining() <= 2_591_000 {}
        let most = 2_592_000 * 9 / 10
        try stack.redis.cli("EXPIRE", key, "\(most + 1000)")
        for _ in 1...3 { #expect(try stack.state("GET").status == 200) }
        #expect((most + 900...most + 1000).contains(try remaining()))
        try stack.redis.cli("PEXPIRE", key, "1")
        while try stack.redis.cli("EXISTS", key) == "1" {}
        #expect(try stack.state("GET").status == 404)
    }

    @Test(
        arguments: [
            #"{"version":20,"state":{"v":1},"lastModified":"2020-01-01T00:00:00.000Z","checksum":"old"}"#,
            #"{"state":{"v":1},"lastModified":"2020-01-01T00:00:00.000Z","version":20}"#,
            #" { "x":"\"state\":{}", "y":[{"state":9}], "state" : {"v":1} , "version":20 } "#,
        ]
    )
    func documentsOfOtherSoftwareTakePart(document: String) throws {
        func put() throws { try stack.redis.cli("SET", key, document) }
        try put()
        let read = try stack.state("GET")
        #expect(read.text == document && read.tag.count == 42)
        #expect(try stack.state("GET", nil, [("If-None-Match", read.tag)]).status == 304)
        #expect(try stack.state("POST", #"{"version":19,"state":{}}"#).text.contains(#""serverVersion":20,"#))
        // The same state is the same save.
        let same = try stack.state("POST", #"{"version":20,"state":{"v":1}}"#, [("If-None-Match", "*")])
        #expect(same.status == 200 && same.tag == read.tag)
        #expect(try stack.redis.cli("GET", key) == document)
        let older = #"{"version":20,"state":{"v":2},"lastModified":"2019-01-01T00:00:00Z"}"#
        if document.contains("lastModified") {
            #expect(try stack.state("POST", older).text.contains(#""conflictResolution":"server""#))
        }
        #expect(try stack.state("POST", #"{"version":21,"state":{}}"#, [("If-Match", "\"x\"")]).status == 412)
        let replaced = try stack.state("POST", #"{"version":21,"state":{}}"#, [("If-Match", read.tag)])
        #expect(replaced.text.contains(#""conflictResolution":"client""#))
        try put()
        #expect(try stack.state("DELETE", nil, [("If-Match", read.tag)]).text == #"{"success":true}"#)
    }

    @Test(
        arguments: [
            "hello", "", "{}", "[]", #"{"version":1}"#, #"{"version":"1","state":{}}"#, #"{"version":1,"state":[]}"#,
            #"{"version":7,"lastModified":"2026-01-01T00:00:00.000Z","etag":"abc","state":{"cut":"#,
        ]
    )
    func whatIsNoDocumentIsNothingStored(value: String) throws {
        try stack.redis.cli("SET", key, value)
        #expect(try stack.state("GET").isProblem("nothing-stored"))
        #expect(try stack.state("POST", #"{"version":0,"state":{}}"#, [("If-Match", "*")]).status == 412)
        let saved = try stack.state("POST", #"{"version":0,"state":{}}"#, [("If-None-Match", "*")])
        #expect(saved.text == #"{"success":true,"serverVersion":0}"#)
        #expect(try stack.state("GET").status == 200)
    }

    @Test func aValueOfAnotherTypeIsNothingStored() throws {
        try stack.redis.cli("LPUSH", key, "x")
        #expect(try stack.state("GET").isProblem("nothing-stored"))
        #expect(try stack.state("POST", #"{"version":0,"state":{}}"#).text == #"{"success":true,"serverVersion":0}"#)
    }

    @Test func scriptsThatRedisForgotAreSentAgain() throws {
        for version in 1...3 {
            try stack.redis.cli("SCRIPT", "FLUSH")
            let answer = try stack.state("POST", #"{"version":\#(version),"state":{}}"#)
            #expect(answer.text.contains(#""success":true"#))
        }
        try stack.redis.cli("SCRIPT", "FLUSH")
        #expect(try stack.state("DELETE", nil, [("If-Match", "*")]).text == #"{"success":true}"#)
    }
}
