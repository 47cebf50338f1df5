import ArgumentParser
import DashboardStateServer
import EventLoop

/// The command line: reads settings, starts the service, and stops it on SIGTERM.
@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard-state-fcgi",
        abstract: "Keeps dashboard states in Redis, for a web server that speaks FastCGI.",
        discussion: """
            Each option has an environment variable, in brackets; the option wins. From the environment only: \
            REDIS_PASSWORD_FILE, REDIS_KEY_PREFIX, REDIS_STATE_TTL, REDIS_STATE_TTL_RENEW, IDENTITY_USER_PARAM, \
            IDENTITY_WORKSPACE_PARAM, PROXY_SECRET, PROXY_SECRET_FILE, REQUIRE_PRECONDITION. README.md explains them.

            A listening socket that a supervisor hands over (LISTEN_FDS, or descriptor 0) is used instead of --listen. \
            SIGTERM, SIGINT, SIGUSR1 or SIGHUP stops the service without dropping a request; a second one ends it at \
            once.
            """,
        version: "dashboard-state-fcgi \(Version.text)"
    )

    @Option(
        help: ArgumentHelp(
            "Where to listen: unix:/path or tcp:host:port. [DASHBOARD_STATE_LISTEN]"
                + " (default: unix:/run/dashboard-state/worker.sock)",
            valueName: "address"
        )
    )
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "Permissions of the Unix socket, in octal. [DASHBOARD_STATE_SOCKET_MODE] (default: 0660)",
            valueName: "mode"
        )
    )
    var socketMode: String?

    @Option(
        help: ArgumentHelp(
            "Group of the Unix socket. [DASHBOARD_STATE_SOCKET_GROUP] (default: the process's own)",
            valueName: "group"
        )
    )
    var socketGroup: String?

    @Option(
        help: ArgumentHelp(
            "Redis: redis://[user:password@]host[:port][/db] or unix:///path[?db=n]. A password is better put into"
                + " the file that REDIS_PASSWORD_FILE names. [REDIS_URL] (default: redis://127.0.0.1:6379)",
            valueName: "url"
        )
    )
    var redis: String?

    @Option(
        help: ArgumentHelp(
            "Milliseconds that Redis has for a connect or an answer. [REDIS_TIMEOUT] (default: 2000)",
            valueName: "ms"
        )
    )
    var redisTimeout: String?

    @Option(
        help: ArgumentHelp(
            "Threads, each with an event loop and a connection to Redis. [DASHBOARD_STATE_THREADS]"
                + " (default: one for each two processors, two at least)",
            valueName: "count"
        )
    )
    var threads: String?

    @Option(
        help: ArgumentHelp(
            "Longest body that is accepted, in bytes. [DASHBOARD_STATE_MAX_BODY] (default: 1048576)",
            valueName: "bytes"
        )
    )
    var maxBody: String?

    @Option(
        help: ArgumentHelp(
            "The path before /state. [DASHBOARD_STATE_BASE_PATH] (default: /api/dashboard)",
            valueName: "path"
        )
    )
    var basePath: String?

    @Option(
        help: ArgumentHelp(
            "Seconds that connections have to finish after SIGTERM. [DASHBOARD_STATE_DRAIN_TIMEOUT] (default: 10)",
            valueName: "seconds"
        )
    )
    var drainTimeout: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical. [DASHBOARD_STATE_LOG_LEVEL] (default: info)",
            valueName: "level"
        )
    )
    var logLevel: String?

    @Option(
        help: ArgumentHelp("text or json. [DASHBOARD_STATE_LOG_FORMAT] (default: text)", valueName: "format")
    )
    var logFormat: String?

    static func main() {
        // EX_OSERR of sysexits.h. There is no descriptor on which it could be explained.
        guard StandardDescriptors.fill() else { exit(withError: ExitCode(71)) }
        // As a CGI program it must not read arguments at all: a query string can become some.
        guard !CGI.isRequested else { return CGI.serve() }
        main(nil)
    }

    func run() throws {
        var options = Options()
        options.listen = listen
        options.socketMode = socketMode
        options.socketGroup = socketGroup
        options.redis = redis
        options.redisTimeout = redisTimeout
        options.threads = threads
        options.maxBody = maxBody
        options.basePath = basePath
        options.drainTimeout = drainTimeout
        options.logLevel = logLevel
        options.logFormat = logFormat
        do {
            try Service.run(options: options)
        } catch {
            StandardError.write("dashboard-state-fcgi: \(error)")
            // EX_CONFIG of sysexits.h: a supervisor need not try again until somebody has changed something.
            throw ExitCode(78)
        }
    }
}
