import FastCGI
import Glibc

/// The older interface, in which a web server starts a program for each request.
public enum CGI {
    /// Whether a web server has started the process for one request. Whether there is a listening socket decides:
    /// a supervisor's environment may hold anything.
    public static var isRequested: Bool { getenv("GATEWAY_INTERFACE") != nil && Listener.inherited().isEmpty }

    /// Answers that CGI is not supported yet.
    public static func refuse() {
        var body: [UInt8] = []
        Problem(
            status: .notImplemented,
            title: "Not Implemented",
            detail: "CGI is not supported yet: let the web server speak FastCGI to a running worker."
        ).appendBody(to: &body)
        var head = AnswerHead()
        head.begin(.notImplemented)
        head.field("Content-Type", "application/problem+json")
        head.field("Content-Length", decimal: body.count)
        head.end()
        let answer = head.bytes + body
        _ = write(STDOUT_FILENO, answer, answer.count)
    }
}
