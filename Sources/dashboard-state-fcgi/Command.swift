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
            \(Setting.helpOnVariables)

            A listening socket that a supervisor hands over (LISTEN_FDS, or descriptor 0) is used instead of --listen. \
            SIGTERM, SIGINT, SIGUSR1 or SIGHUP stops the service without dropping a request; a second one ends it at \
            once.
            """,
        version: "dashboard-state-fcgi \(Version.text)"
    )

    @Option(.listen) var listen: String?
    @Option(.socketMode) var socketMode: String?
    @Option(.socketGroup) var socketGroup: String?
    @Option(.redis) var redis: String?
    @Option(.redisTimeout) var redisTimeout: String?
    @Option(.threads) var threads: String?
    @Option(.maxBody) var maxBody: String?
    @Option(.basePath) var basePath: String?
    @Option(.drainTimeout) var drainTimeout: String?
    @Option(.keepaliveTimeout) var keepaliveTimeout: String?
    @Option(.admin) var admin: String?
    @Option(.logLevel) var logLevel: String?
    @Option(.logFormat) var logFormat: String?

    @Option(
        help: ArgumentHelp(
            "Says what is wrong with settings and files, without serving. --check=redis connects to Redis too.",
            discussion: "Exits with 0 where nothing is, 78 for settings, and 69 where Redis is out of reach or unfit.",
            valueName: "settings|redis"
        )
    ) var check: String?

    static func main() {
        // EX_OSERR of sysexits.h. There is no descriptor on which it could be explained.
        guard StandardDescriptors.fill() else { exit(withError: ExitCode(71)) }
        // As a CGI program it must not read arguments at all: a query string can become some.
        guard !CGI.isRequested else { return CGI.serve() }
        // The parser knows no option whose value may be left out and that stands before others.
        let check = "--check"
        let arguments = CommandLine.arguments.dropFirst().map {
            $0 == check ? "\(check)=\(Check.Scope.settings)" : $0
        }
        do {
            let command = try parse(arguments)
            try command.run()
        } catch {
            end(error, arguments)
        }
    }

    /// How to use the program is told to people; who has asked for lines of JSON gets one.
    private static func end(_ error: any Error, _ arguments: [String]) -> Never {
        let code = exitCode(for: error)
        var options = Options()
        options[.logFormat] = format(among: arguments)
        guard !(error is ExitCode), code != .success, LogFormat.asked(options) == .json else { exit(withError: error) }
        StandardError.write(message(for: error), options: options)
        exit(withError: code)
    }

    /// What arguments say of the log that cannot all be read.
    private static func format(among arguments: [String]) -> String? {
        let option = "--log-format"
        guard let place = arguments.lastIndex(where: { $0 == option || $0.hasPrefix("\(option)=") }) else { return nil }
        guard arguments[place] == option else { return String(arguments[place].dropFirst(option.count + 1)) }
        return place + 1 < arguments.count ? arguments[place + 1] : nil
    }

    func run() throws {
        var options = Options()
        options[.listen] = listen
        options[.socketMode] = socketMode
        options[.socketGroup] = socketGroup
        options[.redis] = redis
        options[.redisTimeout] = redisTimeout
        options[.threads] = threads
        options[.maxBody] = maxBody
        options[.basePath] = basePath
        options[.drainTimeout] = drainTimeout
        options[.keepaliveTimeout] = keepaliveTimeout
        options[.admin] = admin
        options[.logLevel] = logLevel
        options[.logFormat] = logFormat
        if let check {
            guard let scope = Check.Scope(rawValue: check) else {
                throw ValidationError("--check is '\(check)': expected settings, which may be left out, or redis")
            }
            throw ExitCode(Check.run(scope, options: options))
        }
        do {
            try Service.run(options: options)
        } catch {
            StandardError.write("\(error)", options: options)
            // EX_CONFIG of sysexits.h: a supervisor need not try again until somebody has changed something.
            throw ExitCode(78)
        }
    }
}

extension Option where Value == String? {
    /// An option as the table of settings has it. What it is given is checked with all other settings.
    fileprivate init(_ setting: Setting) {
        self.init(
            name: setting.option.map { .customLong($0) } ?? .long,
            help: ArgumentHelp("\(setting.help)", valueName: setting.valueName)
        )
    }
}
