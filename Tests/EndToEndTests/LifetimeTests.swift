import Foundation
import SwiftSupport
import Testing

/// What the compiler lets a program do with requests and replies: read them, and not keep them past their time.
@Suite(.timeLimit(.minutes(5)))
struct LifetimeTests {
    private static let handler = """
        import FastCGI
        final class Handler: RequestHandler {
            let params = ParamNames([])
            var later: () -> Void = {}
            var count = 0
            func handle(_ request: Request, _ responder: any Responder) { @ }
        }
        """
    private static let receiver = """
        import RESP
        final class Receiver: ReplyReceiver {
            var later: () -> Void = {}
            var count = 0
            func receive(_ reply: Reply, _ index: Int, to sent: RawSpan) { @ }
            func fail(_ error: RESPError) {}
        }
        """
    private static let asker = """
        import DashboardState
        import StateStore
        final class Asker: StateAsker {
            var later: () -> Void = {}
            var count = 0
            func receive(_ result: ReadResult) { if case .found(let document, let tag, _) = result { @ } }
            func receive(_ result: SaveResult) {}
            func receive(_ result: DeleteResult) {}
            func receive(_ result: ReadinessResult) {}
        }
        """

    @Test(
        arguments: [
            (handler, "count = request.body.byteCount", "later = { _ = request.body }"),
            (
                handler, "count = request.params[0]?.byteCount ?? 0",
                "let user = request.params[0]; later = { _ = user }"
            ),
            (receiver, "count = reply.bytes.byteCount", "later = { _ = reply.bytes }"),
            (receiver, "count = sent.byteCount", "later = { _ = sent }"),
            (asker, "count = document.byteCount + tag.byteCount", "later = { _ = (document, tag) }"),
        ]
    )
    func whatIsReadCannotBeKept(program: String, reads: String, keeps: String) throws {
        #expect(try errors(of: program.replacing("@", with: reads)) == [])
        let errors = try errors(of: program.replacing("@", with: keeps))
        #expect(errors.contains { $0.contains("escapes its scope") }, "\(errors)")
    }

    /// What is wrong with a program that uses the modules beside these tests.
    private func errors(of program: String) throws -> [String] {
        let folder = try TemporaryFolder()
        try program.write(toFile: folder.file("program.swift"), atomically: true, encoding: .utf8)
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources").standardized
        let includes = [products.appendingPathComponent("Modules").path, "CLinux", "CFastCGI", "COpenSSL"].flatMap {
            ["-I", $0.hasPrefix("/") ? $0 : sources.appendingPathComponent($0).path]
        }
        let command =
            ["swiftc", "-swift-version", "6", "-enable-experimental-feature", "Lifetimes", "-parse-as-library"]
            + includes + ["-emit-sil", "-o", "/dev/null", folder.file("program.swift")]
        let process = try RunningProcess(command, log: folder.file("log"))
        let isGood = process.wait() == 0
        let log = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
        let errors = log.split(separator: "\n").filter { $0.contains("error:") }.map(String.init)
        #expect(isGood == errors.isEmpty, "\(log)")
        return errors
    }
}
