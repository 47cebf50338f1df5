import DashboardState

@testable import RESP
@testable import StateStore

/// A Redis whose replies are written down. They are delivered when it is flushed, as the loop's are.
public final class ScriptedRedis: Redis {
    /// What comes back for one command.
    public enum Answer {
        /// A reply as RESP writes it, without the last line end.
        case reply(String)
        /// None, and nothing more for what was sent together.
        case failure(RESPError)

        /// A bulk string.
        public static func text(_ text: String) -> Answer { .reply("$\(text.utf8.count)\r\n\(text)") }
    }

    /// What was asked at once.
    private struct Question {
        var receiver: any ReplyReceiver
        var sent: [UInt8]
        var commandCount: Int
    }

    /// Monotonic nanoseconds, which stand still.
    public var now: UInt64 = 1_000_000_000
    /// Every command that was asked, as its arguments.
    public private(set) var commands: [[String]] = []
    /// Whether each question changes anything.
    public private(set) var areWrites: [Bool] = []
    /// What was to become of the connection, where it was anything.
    public private(set) var remedies: [StoreFailure.Remedy] = []
    /// Who serves what of the keys.
    public var shares: [KeyShare] = []
    /// Whether those who ask are sent on.
    public var isCluster = false
    /// The way that each question took: how often it was sent on, and whether that is to a node which gets the slot.
    public private(set) var ways: [String] = []
    private var answers: [Answer]
    private var questions: [Question] = []
    /// Whether answers are held until ``release(_:)``.
    public var waitsForReplicas = false
    private var held: [any HeldAnswer] = []

    /// A Redis that gives these answers, one for each command.
    public init(_ answers: [Answer] = []) { self.answers = answers }

    /// Answers that were not needed.
    public var leftAnswers: Int { answers.count }

    /// Gives more answers.
    public func then(_ more: Answer...) { answers += more }

    /// Keeps what is asked, and who asks, until it is flushed.
    public func ask(
        _ route: Route,
        isWrite: Bool,
        length: Int,
        _ receiver: any ReplyReceiver,
        _ encode: (CommandEncoder) -> Void
    ) {
        let buffer = CommandBuffer()
        encode(CommandEncoder(buffer))
        precondition(buffer.isWhole && buffer.isWellFormed, "no whole command")
        var rest = buffer.span
        for _ in 0..<buffer.commandCount {
            guard case .complete(let command, let length)? = try? ReplyParser.parse(rest) else { break }
            var arguments: [String] = []
            var elements = command.elements
            while let element = elements.next() { arguments.append(Self.text(element.bytes)) }
            commands.append(arguments)
            rest = rest.extracting(length..<rest.byteCount)
        }
        areWrites.append(isWrite)
        ways.append("\(route.hops)\(route.isAsking ? " asking" : "")")
        questions.append(Question(receiver: receiver, sent: [UInt8](buffer.bytes), commandCount: buffer.commandCount))
    }

    private func deliver(_ bytes: RawSpan, _ index: Int, _ question: Question) {
        guard case .complete(let reply, bytes.byteCount)? = try? ReplyParser.parse(bytes) else {
            preconditionFailure("no reply: \(Self.text(bytes))")
        }
        question.receiver.receive(reply, index, to: question.sent.span.bytes)
    }

    private static func text(_ bytes: RawSpan) -> String {
        bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Sends on as nodes of a cluster do.
    public func redirect(_ error: Reply, _ route: Route) -> Redirection? {
        guard isCluster, var next = route.next(now) else { return nil }
        let code = ServerError(error).code
        next.isAsking = code == .ask
        return [.moved: .elsewhere(next), .ask: .asking(next), .tryAgain: .apart(next)][code]
    }

    /// Keeps an answer.
    public func hold(_ answer: any HeldAnswer) { held.append(answer) }

    /// Lets the answers go that are held.
    /// - Returns: how many they are.
    @discardableResult
    public func release(_ isReplicated: Bool) -> Int {
        defer { held = [] }
        for answer in held { answer.release(isReplicated) }
        return held.count
    }

    /// Keeps what was to become of the connection.
    public func remedy(_ remedy: StoreFailure.Remedy) { if remedy != .none { remedies.append(remedy) } }

    /// Delivers the answers to what was asked, and to what is asked because of them.
    public func flush() {
        while !questions.isEmpty { answer(questions.removeFirst()) }
    }

    private func answer(_ question: Question) {
        for index in 0..<question.commandCount {
            precondition(!answers.isEmpty, "no answer is written down for \(commands.last ?? [])")
            switch answers.removeFirst() {
            case .failure(let error): return question.receiver.fail(error)
            case .reply(let text):
                let bytes = Array("\(text)\r\n".utf8)
                deliver(bytes.span.bytes, index, question)
            }
        }
    }
}
