import SwiftSupport
import Testing

/// The JSON_checker corpus of json.org, as Debian's libpython3.11-testsuite carries it, posted as part of a state.
struct CorpusTests {
    @Test func whatMustBeRefusedIsAndWhatMustBeAcceptedIs() throws {
        let stack = try Stack()
        let documents = try Self.corpus()
        #expect(documents.count > 30)
        let client = try HTTPClient(port: stack.port)
        for (index, (isValid, document)) in documents.enumerated() {
            let body = Array(#"{"version":\#(index),"state":{"v":"#.utf8) + document + Array("}}".utf8)
            let answer = try client.request(
                "POST",
                Stack.path,
                [Stack.alice, ("Content-Type", "application/json")],
                body: body
            )
            let text = String(decoding: document, as: UTF8.self)
            #expect(answer.status == (isValid ? 200 : 400), "\(text): \(answer.text)")
        }
    }

    /// Each document, and whether it is JSON.
    private static func corpus() throws -> [(isValid: Bool, document: [UInt8])] {
        // Two that the corpus has fail do so by rules of its own: a string as a payload, and 20 levels of nesting.
        let code = """
            import ast
            def value(file, name):
                tree = ast.parse(open('/usr/lib/python3.11/test/test_json/' + file).read())
                return next(ast.literal_eval(n.value) for n in tree.body
                            if isinstance(n, ast.Assign) and n.targets[0].id == name)
            skipped = value('test_fail.py', 'SKIPS')
            for i, text in enumerate(value('test_fail.py', 'JSONDOCS'), 1):
                print('valid' if i in skipped else 'invalid', text.encode().hex())
            for number in '123':
                print('valid', value(f'test_pass{number}.py', 'JSON').encode().hex())
            """
        return try RunningProcess.output(of: ["/usr/bin/python3", "-c", code]).split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            let digits = Array(parts[1])
            let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
            return (parts[0] == "valid", bytes)
        }
    }
}
