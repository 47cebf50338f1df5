import CanonicalJSON
import DashboardState
import RESP

#if INTERNALS
@testable import CanonicalJSON
@testable import DashboardStateServer
@testable import FastCGI
#endif

/// All of them, for states of these names in `folder`.
func benchmarks(folder: String) throws -> [Benchmark] {
    var all: [Benchmark] = []
    for size in ["2k", "20k"] {
        for order in ["canonical", "browser"] {
            let samples = try Samples(path: "\(folder)/\(order)-\(size)-0.tail")
            all.append(jsonPass("\(size) \(order)", samples.body))
            all.append(canonicalForm("\(size) \(order)", samples.body))
        }
        let samples = try Samples(path: "\(folder)/canonical-\(size)-0.tail")
        all.append(replyParse(size, samples.document))
        #if INTERNALS
        all.append(try requestParse("save \(size)", samples.body))
        all.append(answerBuild(size, samples.document))
        #endif
    }
    all.append(replyParse("status", nil))
    #if INTERNALS
    all.append(try requestParse("no body", []))
    #endif
    return all
}

/// The one pass over a body that checks it and finds its members.
private func jsonPass(_ name: String, _ body: [UInt8]) -> Benchmark {
    Benchmark(name: "JSON pass, \(name)", bytes: body.count) {
        try SaveBody.parse(body.span.bytes).state.count
    }
}

/// The same pass with the RFC 8785 form of the state, which is hashed: made where the state is not in that form already.
private func canonicalForm(_ name: String, _ body: [UInt8]) -> Benchmark {
    let form = CanonicalForm()
    return Benchmark(name: "JSON pass with canonical form, \(name)", bytes: body.count) {
        let parsed = try SaveBody.parse(body.span.bytes, form)
        return parsed.stateForm == .made ? try form.made().byteCount : parsed.state.count
    }
}

/// A reply of Redis: a document, or a save's status.
private func replyParse(_ name: String, _ document: [UInt8]?) -> Benchmark {
    var reply = Array("+replaced\r\n".utf8)
    if let document { reply = Array("$\(document.count)\r\n".utf8) + document + Array("\r\n".utf8) }
    return Benchmark(name: "RESP parse, \(name)", bytes: reply.count) { [reply] in
        guard case .complete(let reply, _) = try ReplyParser.parse(reply.span.bytes) else { throw Unexpected() }
        return reply.bytes.byteCount
    }
}

#if INTERNALS
/// What nginx sends for a request, from its first byte to its last: the records, and the parameters that matter.
private func requestParse(_ name: String, _ body: [UInt8]) throws -> Benchmark {
    let request = NginxRequest.records(body: body)
    let identity = try Configuration(environment: Environment { _ in nil }).identity
    let names = RequestFields.Names(identity)
    let params = try ParamsReader(names.params)
    return Benchmark(name: "request parse, \(name)", bytes: request.count) {
        try request.withUnsafeBytes { bytes in
            var reader = RecordReader()
            var at = 0
            var user = 0
            while true {
                switch reader.next(bytes, &at) {
                case .params(let range):
                    guard let params = params.read(UnsafeRawBufferPointer(rebasing: bytes[range])) else {
                        throw Unexpected()
                    }
                    user = RequestFields(params, names).user?.byteCount ?? 0
                case .body: break
                case .end: return user
                case .more, .endless, .notice, .refused: throw Unexpected()
                }
            }
        }
    }
}

/// An answer's head, and the records of the whole.
private func answerBuild(_ name: String, _ document: [UInt8]) -> Benchmark {
    var head = AnswerHead()
    let tag = Array("AAAAAAAAAAAAAAAAAAAAAA".utf8)
    let frame = AnswerRecords.makeFrame()
    return Benchmark(name: "response build, \(name)", bytes: document.count) {
        head.begin(.ok)
        head.entityTag(tag.span.bytes)
        head.cacheableJSON(length: document.count)
        head.end()
        var length = 0
        head.withBytes { head in
            head.withUnsafeBytes { head in
                document.withUnsafeBytes { body in
                    AnswerRecords.withVectors(id: 1, head: head, body: body, status: .requestComplete, frame: frame) {
                        length = $1
                    }
                }
            }
        }
        return length
    }
}
#endif

private struct Unexpected: Error {}
