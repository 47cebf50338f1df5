import EventLoop
import FastCGI
import Glibc
import StateStore

/// The older interface, in which a web server starts a program for each request.
public enum CGI {
    /// Whether a web server has started the process for one request.
    public static var isRequested: Bool { CGIRequest.isRequested }

    /// Serves that one request with the same handler as a worker. Everything is configured by the environment.
    ///
    /// Where the settings do not make a service, the answer is that it is away, and the reason goes to standard error:
    /// the web server's log is the only place where an operator will look.
    public static func serve() {
        signal(SIGPIPE, SIG_IGN)
        do {
            let configuration = try Configuration(isCGI: true)
            let loop = try Loop()
            let log = WorkerLog(configuration)
            for warning in configuration.warnings { log.logger.warning("\(warning)") }
            let handler = Service.makeHandler(configuration, loop, log, RedisTroubles(log.logger))
            let request = CGIRequest { stop(loop, after: handler.store) }
            request.handle(by: handler, limits: Limits(longestBody: configuration.maxBody))
            loop.run()
            LogOutput.finish()
        } catch {
            StandardError.write("\(error)")
            answerUnavailable()
        }
    }

    /// Ends the process once the time to live is renewed, for which the web server does not wait.
    private static func stop(_ loop: Loop, after store: StateStore) {
        var isIdle = false
        store.whenIdle {
            isIdle = true
            loop.stop()
        }
        guard !isIdle else { return }
        close(STDOUT_FILENO)
        _ = StandardDescriptors.fill()
    }

    private static func answerUnavailable() {
        var body: [UInt8] = []
        Problem.unavailable.appendBody(to: &body)
        var head = AnswerHead()
        head.write(.unavailable, length: body.count, hasCurrent: false)
        head.end()
        head.withBytes { CGIRequest {}.respond(head: $0, body: body.span.bytes) }
    }
}
