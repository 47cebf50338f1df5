import EventLoop
import FastCGI
import Glibc

/// The older interface, in which a web server starts a program for each request.
public enum CGI {
    /// Whether a web server has started the process for one request.
    public static var isRequested: Bool { CGIRequest.isRequested }

    /// Serves that one request with the same handler as a worker. Everything is configured by the environment.
    ///
    /// - Returns: the exit status: 0 where the request was answered, with whatever status.
    public static func serve() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        do {
            let configuration = try Configuration()
            let loop = try EventLoop()
            let handler = StateHandler(configuration, loop: loop, logger: Service.makeLogger(configuration))
            let request = CGIRequest { loop.stop() }
            request.handle(by: handler, limits: Limits(longestBody: configuration.maxBody))
            loop.run()
            LogOutput.flush()
            return 0
        } catch {
            // The web server's error log is the only place where an operator will look.
            StandardError.write("dashboard-state-fcgi: \(error)")
            refuse()
            return 0
        }
    }

    /// Answers that the service is not set up: to a client it is away.
    private static func refuse() {
        var body: [UInt8] = []
        Problem.unavailable.appendBody(to: &body)
        var head = AnswerHead()
        head.begin(Problem.unavailable.status)
        for field in Problem.unavailable.fields { head.field(field.name, field.value) }
        head.field("Cache-Control: no-store\r\n")
        head.field("Content-Type: application/problem+json\r\n")
        head.contentLength(body.count)
        head.end()
        head.bytes.withUnsafeBytes { head in
            body.withUnsafeBytes { CGIRequest {}.respond(head: head, body: $0) }
        }
    }
}
